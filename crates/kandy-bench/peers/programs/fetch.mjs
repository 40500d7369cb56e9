// The fetch of Node.js, with its own pool of connections.

const USER_API_KEY = "UAK1a2b3c4d5e6f708192a3b4c5d6e7f809";
const TOKEN = "DAT7c6b5a4938271605f4e3d2c1b0a99887";

const started = performance.now();
const [baseUrl, mode, inFlight, seconds] = process.argv.slice(2);
const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

async function call() {
  const query = new URLSearchParams({ user_api_key: USER_API_KEY, key: TOKEN });
  const response = await fetch(`${baseUrl}/domains/users/details?${query}`, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(30_000),
  });
  if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
  const envelope = await response.json();
  if (envelope.status !== 0 || !envelope.result.user.user_id) throw new Error(`status ${envelope.status}`);
}

// Each loop calls at least once, and until the time is over.
async function load(number, during) {
  const started = performance.now();
  const loop = async () => {
    let calls = 0;
    do {
      await call();
      calls += 1;
    } while (performance.now() - started < during * 1000);
    return calls;
  };
  const calls = await Promise.all(Array.from({ length: number }, loop));
  return calls.reduce((sum, each) => sum + each, 0);
}

function printResult(calls, seconds, cpu) {
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ calls, seconds, cpu_seconds: cpu, peak_memory: peak }));
}

async function measure(number, during) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const calls = await load(number, during);
  printResult(calls, (performance.now() - started) / 1000, cpuSeconds(cpu));
}

await call();
if (mode === "once") {
  printResult(1, (performance.now() - started) / 1000, cpuSeconds());
} else if (mode === "inflight") {
  console.log("ready");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  await measure(Number(inFlight), 0);
} else {
  await load(Number(inFlight), Number(seconds) / 2);
  await measure(Number(inFlight), Number(seconds));
}
// Idle connections would keep the process.
process.exit(0);
