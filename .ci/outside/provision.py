"""Makes an account's worth of things on a running emulator, and a copy of the spec in which the examples of all
parameters and bodies are theirs, so that an OpenAPI-driven tester gets past the door.
Usage: provision.py BASE_URL ACCOUNT_KEY ACCOUNT_SECRET SPEC COPY"""

import sys

import requests
import yaml

base, account_key, account_secret, spec, copy = sys.argv[1:6]
tools = base.rsplit("/", 1)[0] + "/_emulator"


def call(method, path, body=None, files=None, **query):
    answer = requests.request(method, base + path, params=query, json=body, files=files, timeout=10).json()
    assert answer["status"] == 0, (method, path, answer)
    return answer.get("result", {})


account_token = call("GET", "/accounts/accesstokens", key=account_key, account_api_secret=account_secret)
account_token = account_token["account_access_token"]


def community(name):
    """A domain with all that there can be in it."""
    domain = call("POST", "/accounts/domains", {"domain_name": name}, key=account_token)
    keys = {"key": domain["domain_api_key"], "domain_api_secret": domain["domain_api_secret"]}
    domain_token = call("GET", "/domains/accesstokens", **keys)["domain_access_token"]
    user = call("POST", "/domains/users/user_id", {"user_id": "tester"}, key=domain_token)
    user_token = call("GET", "/domains/users/accesstokens", user_id="tester", **keys)["user_access_token"]
    device = call("GET", "/users/devices", key=user_token)["devices"][0]["id"]
    call("POST", "/domains/huntgroups", {
        "huntgroup_name": "support", "huntgroup_type": "roundrobin", "pilot_uri_address": "a@" + name,
        "overflow_dest": "b@" + name, "anonymous_uri": "c@" + name}, key=domain_token)
    number = {"user_phone_number": "4034932232", "user_country_code": "US"}
    call("POST", "/domains/verifications/smss", number, key=domain_token)
    codes = requests.get(tools + "/verifications", timeout=10).json()["verifications"]
    group = call("POST", "/users/chatgroups", {"group_name": "Testers"}, key=user_token)["group_id"]
    session = call("POST", "/users/sessions/session", {"session_name": "help"}, key=user_token)["session_id"]
    contact = call("POST", "/users/addressbooks/personal", {
        "contact": {"contact_user_name": "tester@" + name, "contact_nickname": "tester"}}, key=user_token)
    content = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23"
    call("POST", "/devices/content", files={"file": ("note.txt", b"let's meet tonight", "text/plain")},
         key=user_token, device_id=device, content_uuid=content, content_type="text/plain")
    return {
        "account_api_key": account_key, "account_access_token": account_token, "account_api_secret": account_secret,
        "domain_api_key": domain["domain_api_key"], "domain_api_secret": domain["domain_api_secret"],
        "domain_access_token": domain_token, "user_access_token": user_token, "device_id": device,
        "user_api_key": user["user_api_key"], "user_id": "tester", "user_password": user["user_password"],
        "user_name": "tester", "admin_name": "tester", "full_user_id": "tester@" + name, "domain_name": name,
        "destination": "tester@" + name, "group_id": group, "session_id": session, "session_name": "help",
        "huntgroup_name": "support", "group_name": "support", "contact_id": contact["contact_id"],
        "content_uuid": content, "conversation_id": group, "validation_code": codes[-1]["code"],
        "thumbnail_size": "500x500", "domain_token": domain_token,
    }


known = community("tester.com")
# What these end is not what any other needs: each has a domain of its own.
ENDING = {"domain_delete", "user_delete", "device_delete", "group_delete", "group_leave", "session_delete",
          "hunt_group_delete", "personal_contact_delete"}
# A revoked token would end the test for all others; these are in the walk and in the tests.
LEFT_OUT = {"account_access_token_delete", "domain_access_token_delete", "user_access_token_delete"}


def filled(value, names):
    """An example, with what exists in the place of what does not."""
    if isinstance(value, dict):
        return {name: names[name] if isinstance(inner, str) and name in names else filled(inner, names)
                for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return value


with open(spec, encoding="utf-8") as file:
    document = yaml.safe_load(file)
shared = document["components"]["parameters"]
for item in document["paths"].values():
    for method in list(item):
        operation = item[method]
        if operation["operationId"] in LEFT_OUT:
            continue
        name = operation["operationId"]
        names = community(name.replace("_", "-") + ".com") if name in ENDING else known
        scheme = operation.pop("security")[0]
        parameters = operation["parameters"] = [
            dict(shared[parameter["$ref"].rsplit("/", 1)[1]]) if "$ref" in parameter else parameter
            for parameter in operation.get("parameters", [])]
        for parameter in parameters:
            parameter["example"] = names.get(parameter["name"], parameter["example"])
        value = names[next(iter(scheme))]
        # Mostly the right credential, so that most requests get as far as the behaviour.
        parameters.append({"name": "key", "in": "query", "required": True,
                           "schema": {"type": "string", "enum": [value]}, "example": value})
        for body in operation.get("requestBody", {}).get("content", {}).values():
            body["example"] = filled(body["example"], names)
with open(copy, "w", encoding="utf-8") as file:
    yaml.safe_dump(document, file, sort_keys=False)
