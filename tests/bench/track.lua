-- wrk: follows cases by their tracking codes, one a line in BENCH_CODES.
local codes = {}
for code in io.lines(os.getenv("BENCH_CODES")) do codes[#codes + 1] = code end
local n = 0

request = function()
  n = n + 1
  return wrk.format("GET", "/v1/track", {["Tracking-Code"] = codes[n % #codes + 1]})
end
