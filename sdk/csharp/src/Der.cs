using System;

namespace Countersign
{
    /// <summary>As much DER as keys and signatures need; anything that is not in the one form that DER allows is a FormatException.</summary>
    internal sealed class Der
    {
        public const byte Integer = 0x02, BitString = 0x03, ObjectId = 0x06, Sequence = 0x30;
        private readonly byte[] data;
        private int at;

        public Der(byte[] data)
        {
            this.data = data;
        }

        public bool AtEnd => at == data.Length;

        public byte[] Read(byte tag)
        {
            if (NextByte() != tag) throw new FormatException("another tag");
            var size = ReadSize();
            if (size > data.Length - at) throw new FormatException("longer than it is");
            var content = new byte[size];
            Array.Copy(data, at, content, 0, size);
            at += size;
            return content;
        }

        /// <summary>The bytes of a number that is not negative, the highest first, without zeros in front.</summary>
        public byte[] ReadNumber()
        {
            var content = Read(Integer);
            if (content.Length == 0 || content[0] >= 0x80) throw new FormatException("no number, or a negative one");
            if (content[0] != 0 || content.Length == 1) return content;
            if (content[1] < 0x80) throw new FormatException("a zero too many");
            var number = new byte[content.Length - 1];
            Array.Copy(content, 1, number, 0, number.Length);
            return number;
        }

        private int NextByte()
        {
            if (AtEnd) throw new FormatException("ends early");
            return data[at++];
        }

        private int ReadSize()
        {
            var first = NextByte();
            if (first < 0x80) return first;
            if (first != 0x81 && first != 0x82) throw new FormatException("a length of another form");
            var size = NextByte();
            if (first == 0x82) size = size << 8 | NextByte();
            if (size < (first == 0x81 ? 0x80 : 0x100)) throw new FormatException("a length that is not the shortest");
            return size;
        }
    }
}
