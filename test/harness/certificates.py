"""Certificates for TLS backends, made by the openssl program."""
import subprocess


def run(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    def __init__(self, folder, name):
        self.folder = folder
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.pem"
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.key, "-out",
            self.certificate, "-subj", f"/CN={name}", "-days", "2")

    @property
    def pem(self):
        return self.certificate.read_text()

    def issue(self, name, kind="DNS"):
        """(certificate, key) of a server of this name, or of this address (kind "IP")."""
        key, request, certificate, extensions = (self.folder / f"{name}.{kind}.{what}" for what in ("key", "csr", "crt", "ext"))
        extensions.write_text(f"subjectAltName={kind}:{name}\n")
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request, "-subj",
            f"/CN={name}")
        run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", "2", "-extfile",
            extensions, "-out", certificate)
        return certificate, key
