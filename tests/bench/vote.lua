-- wrk: answers a survey, each time from a device that never did before.
local body = '{"version":1,"answers":{"rating":2,"reason":"time","word":"صف طولانی بود"}}'
local path = os.getenv("BENCH_PATH")
local file = io.open("/proc/sys/kernel/random/uuid")
local run = file:read(36)
file:close()
local n = 0

request = function()
  n = n + 1
  local headers = {["Content-Type"] = "application/json", ["Device-Token"] = run .. n}
  return wrk.format("POST", path, headers, body)
end
