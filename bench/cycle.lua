-- wrk script: sends the requests of a file one after the other, over and over, from the given one on (a second argument; none: the first).
-- The file holds, for each, its length in decimal, a newline and its bytes. Prints "requests N bad M microseconds T" at the end: bad is every answer that is no 2xx, and every connection that broke.
local requests, position = {}, 0

function init(args)
    local file = assert(io.open(args[1], "rb"))
    while true do
        local length = file:read("*n")
        if not length then break end
        file:read(1)
        requests[#requests + 1] = file:read(length)
    end
    file:close()
    position = tonumber(args[2] or 0)
end

function request()
    position = position % #requests + 1
    return requests[position]
end

function done(summary)
    local e = summary.errors
    print(string.format("requests %d bad %d microseconds %d", summary.requests, e.status + e.connect + e.read + e.write + e.timeout, summary.duration))
end
