"""The Shopify plug-in (Ruby with rest-client, Rack's nested forms) and a Rails program that sends queries with empty bodies.
Both read the body of a response that is not 2xx as the same JSON."""

from harness import Family, Step, php, run

STEPS = [
    Step("domain token", "GET", "/domains/accesstokens", {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"},
         keep={"domain_token": "result.domain_access_token"}),
    Step("users", "GET", "/domains/users", {"key": "{domain_token}"},
         reads={"result.users[0].user_id": str, "result.users[0].domain_name": "{domain}"}),
    Step("token by password and secret", "GET", "/domains/users/accesstokens",
         {"key": "{domain_key}", "domain_api_secret": "{domain_secret}", "user_id": "alice",
          "user_password": "{alice_password}"}, keep={"token": "result.user_access_token"}),
    Step("anonymous user", "GET", "/domains/access_token/users/user/anonymous", {"key": "{domain_token}"},
         reads={"result.user_access_token": str, "result.full_user_id": str}),
    Step("devices", "GET", "/users/devices", {"key": "{token}"}, keep={"device": "result.devices[0].id"}),
    Step("SMS as a nested form", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         form={"message": {"source": "+11234567890", "destination": "+12245556666",
                           "message": {"text": "Your order, 100% ready"}}}),
    Step("the SMS is that of the form", "GET", "/users/devices", {"key": "{token}"},
         before=lambda service: in_outbox(service, "+12245556666", "Your order, 100% ready")),
    Step("a refused password, read from the body", "GET", "/domains/users/accesstokens",
         {"key": "{domain_key}", "user_id": "alice", "user_password": "wrong1234"}, http=(200, 400, 401, 403), status=55,
         reads={"message": str}),
    Step("create a user by query, with an empty body", "POST", "/domains/users/user_id",
         {"key": "{domain_token}", "user_id": "dave", "user_country_code": "US", "user_email": "dave@example.com"},
         body="", headers={"Content-Type": "application/x-www-form-urlencoded"}, reads={"result.user_id": "dave"},
         source="a Rails program"),
    Step("create a user by query, without a content type", "POST", "/domains/users/user_id",
         {"key": "{domain_token}", "user_id": "dora"}, reads={"result.user_id": "dora"}, source="a Rails program"),
]


def in_outbox(service, number, text):
    sent = service.tool("GET", "/sms")["sms"]
    assert any(one["destination"] == number and one["text"] == text for one in sent), f"no SMS to {number} with this text"


if __name__ == "__main__":
    headers = {"Accept": "*/*; q=0.5, application/xml", "Accept-Encoding": "gzip, deflate", "User-Agent": "Ruby"}
    run(Family("ruby", STEPS, "kandy-shopify", encode=php, list_index=False, headers=headers))
