"""Makes an account's worth of things on a running emulator, and a copy of the spec in which the examples of all
parameters are theirs, so that an OpenAPI-driven tester gets past the door.
Usage: provision.py BASE_URL ACCOUNT_KEY ACCOUNT_SECRET SPEC COPY"""

import sys

import requests
import yaml

base, account_key, account_secret, spec, copy = sys.argv[1:6]


def call(method, path, body=None, **query):
    answer = requests.request(method, base + path, params=query, json=body, timeout=10).json()
    assert answer["status"] == 0, (method, path, answer)
    return answer.get("result", {})


account_token = call("GET", "/accounts/accesstokens", key=account_key, account_api_secret=account_secret)
account_token = account_token["account_access_token"]
domain = call("POST", "/accounts/domains", {"domain_name": "tester.com"}, key=account_token)
keys = {"key": domain["domain_api_key"], "domain_api_secret": domain["domain_api_secret"]}
domain_token = call("GET", "/domains/accesstokens", **keys)["domain_access_token"]
user = call("POST", "/domains/users/user_id", {"user_id": "tester"}, key=domain_token)
user_token = call("GET", "/domains/users/accesstokens", user_id="tester", **keys)["user_access_token"]
device = call("GET", "/users/devices", key=user_token)["devices"][0]["id"]
group = requests.post(base.rsplit("/", 1)[0] + "/_emulator/groups", timeout=10, json={
    "name": "Testers", "owners": ["tester@tester.com"], "members": ["tester@tester.com"]}).json()

known = {
    "account_api_key": account_key, "account_access_token": account_token,
    "domain_api_key": domain["domain_api_key"], "domain_access_token": domain_token, "user_access_token": user_token,
    "account_api_secret": account_secret, "domain_api_secret": domain["domain_api_secret"], "device_id": device,
    "user_api_key": user["user_api_key"], "user_id": "tester", "user_password": user["user_password"],
    "group_id": group.get("group_id", "none"),
}

with open(spec, encoding="utf-8") as file:
    document = yaml.safe_load(file)
for item in document["paths"].values():
    # What would end the test for all others stays out: it is in the walk.
    for method in list(item):
        operation = item[method]
        if operation["operationId"] in ("account_access_token_delete", "domain_access_token_delete"):
            continue
        [scheme] = operation.pop("security")
        parameters = operation.setdefault("parameters", [])
        value = known[next(iter(scheme))]
        # Mostly the right credential, so that most requests get as far as the behaviour.
        parameters.append({"name": "key", "in": "query", "required": True,
                           "schema": {"type": "string", "enum": [value]}, "example": value})
        for parameter in parameters:
            if parameter.get("name") in known and parameter["name"] != "key":
                parameter["example"] = known[parameter["name"]]
for parameter in document["components"]["parameters"].values():
    if parameter["name"] in known:
        parameter["example"] = known[parameter["name"]]
with open(copy, "w", encoding="utf-8") as file:
    yaml.safe_dump(document, file, sort_keys=False)
