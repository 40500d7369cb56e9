"""Runs the table of one family of client programs against an emulator.

A family is a list of steps: what these programs send, byte for byte where it matters, and what their code reads in the
response. Only the standard library is used, below the level of client libraries, so that nothing is added to a request.

    python3 .ci/outside/families/php.py [BASE_URL [ACCOUNT_KEY ACCOUNT_SECRET]]

SSL_CERT_FILE names the CA of an emulator with TLS. A step that fails is reported with its source, and the next one runs; the
exit code is 1 if one failed.
"""

import http.client
import json
import re
import sys
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import quote, quote_plus, urlsplit

DEFAULTS = ("http://127.0.0.1:8787/v1.2", "AAK00000000000000000000000000000001", "AAS00000000000000000000000000000001")


def component(text):
    """encodeURIComponent of JavaScript, CGI-style escaping of most clients."""
    return quote(text, safe="!'()*~-_.")


def php(text):
    """urlencode and http_build_query of PHP, URLEncoder of Java, Rack: a space is a plus sign."""
    return quote_plus(text, safe="-_.")


def nested(value, name="", index=True):
    """The pairs of a nested form: message[message][text]. Lists are a[0] as PHP writes them, or a[] as Rack does."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from nested(inner, f"{name}[{key}]" if name else key, index)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from nested(inner, f"{name}[{position if index else ''}]", index)
    else:
        yield name, value


@dataclass
class Step:
    """One request, and what the client reads in the response. {name} stands for a value that an earlier step kept."""

    name: str
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    form: dict | None = None
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    http: int | tuple[int, ...] = 200
    status: int | None = 0  # None: the client reads no envelope
    message: str | None = None
    reads: dict[str, Any] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    source: str = ""  # where it differs from the family's
    before: Callable | None = None


@dataclass
class Family:
    name: str
    steps: list[Step]
    source: str
    version: str = "v1.2"
    encode: Callable = component
    list_index: bool = True
    headers: dict[str, str] = field(default_factory=dict)


class Failure(Exception):
    """A response that the client does not understand."""


class Service:
    """The emulator, and the values that the steps of a family share."""

    def __init__(self, base_url, key, secret):
        url = urlsplit(base_url)
        self.secure, self.host, self.port = url.scheme == "https", url.hostname, url.port
        self.values = {"account_key": key, "account_secret": secret}

    def send(self, method, target, body=None, headers=None):
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=20)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, **query):
        """A request that is no fact of the family: it prepares what the family needs."""
        target = "/v1.2" + path + "?" + "&".join(f"{name}={component(value)}" for name, value in query.items())
        headers = {"Content-Type": "application/json"} if body is not None else {}
        text = None if body is None else json.dumps(body)
        envelope = json.loads(self.send(method, target, text, headers)[2])
        if envelope["status"] != 0:
            raise Failure(f"{method} {path}, before the first step: {envelope}")
        return envelope.get("result", {})

    def tool(self, method, path, body=None):
        """A request to the emulator's own endpoints."""
        text = None if body is None else json.dumps(body)
        code, _, content = self.send(method, "/_emulator" + path, text, {"Content-Type": "application/json"})
        if code != 200:
            raise Failure(f"{method} /_emulator{path}: HTTP {code}")
        return json.loads(content or b"null")

    def provision(self, name):
        """A domain with the users alice and bob, each with a token and a device."""
        values = self.values
        account = self.call("GET", "/accounts/accesstokens", key=values["account_key"],
                            account_api_secret=values["account_secret"])["account_access_token"]
        domain = f"{name}-{uuid.uuid4().hex[:8]}.com"
        created = self.call("POST", "/accounts/domains", {"domain_name": domain}, key=account)
        keys = {"key": created["domain_api_key"], "domain_api_secret": created["domain_api_secret"]}
        token = self.call("GET", "/domains/accesstokens", **keys)["domain_access_token"]
        values.update(domain=domain, domain_key=keys["key"], domain_secret=keys["domain_api_secret"],
                      prepared_domain_token=token, message_id=str(uuid.uuid4()).upper(), content_id=uuid.uuid4().hex)
        for user in ("alice", "bob"):
            made = self.call("POST", "/domains/users/user_id", {"user_id": user}, key=token)
            access = self.call("GET", "/domains/users/accesstokens", user_id=user, **keys)["user_access_token"]
            device = self.call("GET", "/users/devices", key=access)["devices"][0]["id"]
            values.update({user: made["full_user_id"], f"{user}_password": made["user_password"],
                           f"{user}_key": made["user_api_key"], f"{user}_token": access, f"{user}_device": device})


def filled(value, values):
    """The value with all {name} replaced, at any depth."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), value)
    if isinstance(value, dict):
        return {name: filled(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    return value


def at(value, path):
    """The value at a path such as result.devices[0].id."""
    for part in re.findall(r"\w+", path):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError):
            raise Failure(f"no {path} in the response") from None
    return value


def check(path, expected, value, values):
    if isinstance(expected, type) or isinstance(expected, tuple):
        # In Python a boolean is an integer, for the clients it is not.
        kinds = expected if isinstance(expected, tuple) else (expected,)
        right = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    elif isinstance(expected, re.Pattern):
        right = isinstance(value, str) and bool(expected.fullmatch(value))
    elif callable(expected):
        right = expected(value)
    else:
        expected = filled(expected, values)
        right = value == expected
    if not right:
        raise Failure(f"{path} is {json.dumps(value)[:200]}, the client needs {expected}")


def run_step(family, step, service):
    values = service.values
    if step.before:
        step.before(service)
    encode = family.encode
    pairs = filled(step.query, values)
    target = f"/{family.version}{filled(step.path, values)}"
    if pairs:
        target += "?" + "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs.items())
    headers = {**family.headers, **step.headers}
    body = filled(step.body, values)
    if step.json is not None:
        body = json.dumps(filled(step.json, values))
        headers.setdefault("Content-Type", "application/json")
    elif step.form is not None:
        form = nested(filled(step.form, values), index=family.list_index)
        body = "&".join(f"{encode(name)}={encode(str(value))}" for name, value in form)
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    code, received, content = service.send(step.method, target, body, {k: v for k, v in headers.items() if v is not None})
    allowed = step.http if isinstance(step.http, tuple) else (step.http,)
    if code not in allowed:
        raise Failure(f"HTTP {code}, the client needs {step.http}: {content[:200]!r}")
    if step.status is None:
        envelope = {"content": content.decode("latin-1"), "content_type": received.get("content-type", "")}
    else:
        envelope = json.loads(content)
        check("status", step.status, envelope.get("status"), values)
        check("message", step.message if step.message is not None else str, envelope.get("message"), values)
    for path, expected in step.reads.items():
        check(path, expected, at(envelope, path), values)
    values.update({name: at(envelope, path) for name, path in step.keep.items()})


def run(*families):
    given = sys.argv[1:4]
    arguments = (*given, *DEFAULTS[len(given):])
    failed = 0
    for family in families:
        service = Service(*arguments)
        try:
            service.provision(family.name)
        except (Failure, OSError, http.client.HTTPException, ValueError) as error:
            sys.exit(f"FAILED {family.name}, before the first step: {error}")
        bad = 0
        for step in family.steps:
            try:
                run_step(family, step, service)
            except KeyError as missing:
                problem = f"not sent: an earlier step did not give {missing}"
            except (Failure, AssertionError, OSError, http.client.HTTPException, ValueError) as error:
                problem = error
            else:
                continue
            bad += 1
            print(f"FAILED {family.name}, {step.name}: {step.method} /{family.version}{step.path}: {problem}\n"
                  f"       source: {step.source or family.source}")
        print(f"{family.name}: {len(family.steps) - bad} passed, {bad} failed")
        failed += bad
    sys.exit(1 if failed else 0)
