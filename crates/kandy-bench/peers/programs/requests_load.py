"""requests: one session for each thread, because a session is not for several at once."""

import json
import resource
import sys
import threading
import time

import requests

USER_API_KEY = "UAK1a2b3c4d5e6f708192a3b4c5d6e7f809"
TOKEN = "DAT7c6b5a4938271605f4e3d2c1b0a99887"


def call(session, url):
    query = {"user_api_key": USER_API_KEY, "key": TOKEN}
    response = session.get(url, params=query, headers={"Accept": "application/json"}, timeout=30)
    response.raise_for_status()
    envelope = response.json()
    if envelope["status"] != 0 or not envelope["result"]["user"]["user_id"]:
        raise ValueError(f"status {envelope['status']}")


def load(sessions, url, during):
    """Each thread calls at least once, and until the time is over."""
    started = time.perf_counter()
    calls = [0] * len(sessions)
    errors = []

    def work(at):
        try:
            while True:
                call(sessions[at], url)
                calls[at] += 1
                if time.perf_counter() - started >= during:
                    return
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(sessions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sum(calls)


def print_result(calls, seconds, cpu):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result = {"calls": calls, "seconds": seconds, "cpu_seconds": cpu, "peak_memory": peak}
    print(json.dumps(result), flush=True)


def measure(sessions, url, during):
    cpu, started = time.process_time(), time.perf_counter()
    calls = load(sessions, url, during)
    print_result(calls, time.perf_counter() - started, time.process_time() - cpu)


def main():
    started = time.perf_counter()
    base_url, mode, *rest = sys.argv[1:]
    url = f"{base_url}/domains/users/details"
    first = requests.Session()
    call(first, url)
    if mode == "once":
        print_result(1, time.perf_counter() - started, time.process_time())
        return
    sessions = [first] + [requests.Session() for _ in range(int(rest[0]) - 1)]
    if mode == "inflight":
        print("ready", flush=True)
        sys.stdin.readline()
        measure(sessions, url, 0)
    else:
        load(sessions, url, float(rest[1]) / 2)
        measure(sessions, url, float(rest[1]))


main()
