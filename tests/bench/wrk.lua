-- What wrk sends and counts: a GET, or a POST of a file's octets, of which the last may be drawn anew for each request.
--
-- Variables: SCEAU_BODY, SCEAU_MEDIA_TYPE (a POST of this file), SCEAU_DRAWN (so many octets, SCEAU_BEFORE_END octets before the
-- end, are drawn anew: the value of a nonce), SCEAU_CLOSE (a connection for each request). The result is one line of JSON.

local body
local drawn = tonumber(os.getenv("SCEAU_DRAWN") or "0")
local after = tonumber(os.getenv("SCEAU_BEFORE_END") or "0")
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  math.randomseed(os.time() + number)
  small = 0
  if os.getenv("SCEAU_CLOSE") then
    wrk.headers["Connection"] = "close"
  end
  local name = os.getenv("SCEAU_BODY")
  if name then
    local file = assert(io.open(name, "rb"))
    body = file:read("*a")
    file:close()
    wrk.method = "POST"
    wrk.headers["Content-Type"] = os.getenv("SCEAU_MEDIA_TYPE")
    wrk.body = body
  end
  if drawn == 0 then
    constant = wrk.format()
    request = function()
      return constant
    end
  else
    local head = body:sub(1, #body - drawn - after)
    local tail = body:sub(#body - after + 1)
    request = function()
      local octets = {}
      for index = 1, drawn do
        octets[index] = string.char(math.random(1, 127))
      end
      return wrk.format(nil, nil, nil, head .. table.concat(octets) .. tail)
    end
    if os.getenv("SCEAU_COUNT_SMALL") then
      -- An OCSP response that is only a status, such as tryLater, has five octets.
      response = function(_, _, answer)
        if #answer < 16 then
          small = small + 1
        end
      end
    end
  end
end

function done(summary, latency)
  local refused = 0
  for _, thread in ipairs(threads) do
    refused = refused + thread:get("small")
  end
  local errors = summary.errors
  io.write(string.format(
    '\nSCEAU {"requests":%d,"micros":%d,"p99":%d,"small":%d,"status":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(99.0), refused, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
