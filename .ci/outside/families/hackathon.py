"""Small programs of 2015 to 2017: KandyIOPythonAPI, the C++ client, the Swift wrapper, node-red, a tutorial and ClearBlade.
Most were written from the documentation. Their slips (GET or POST for DELETE, JSON encoded twice) are not here."""

import re

from harness import Family, Step, run

CREDENTIALS = {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"}
HUNT = {"huntgroup_name": "support", "huntgroup_type": "roundrobin", "pilot_uri_address": "a@{domain}",
        "overflow_dest": "b@{domain}", "anonymous_uri": "c@{domain}"}
NAME = {"key": "{prepared_domain_token}", "huntgroup_name": "support"}
GROUP = {"key": "{alice_token}", "group_id": "{group}"}

PYTHON = [
    Step("create a hunt group", "POST", "/domains/huntgroups", {"key": "{prepared_domain_token}"}, HUNT),
    Step("list hunt groups", "GET", "/domains/huntgroups", {"key": "{prepared_domain_token}"}, reads={"result": dict}),
    Step("add a user", "POST", "/domains/huntgroups/users", {"key": "{prepared_domain_token}"},
         {"huntgroup_name": "support", "user_name": "alice"}),
    Step("add an admin", "POST", "/domains/huntgroups/admins", {"key": "{prepared_domain_token}"},
         {"huntgroup_name": "support", "admin_name": "bob"}),
    Step("remove the admin, path in the singular", "DELETE", "/domains/huntgroups/admin", {**NAME, "admin_name": "bob"}),
    Step("remove the user", "DELETE", "/domains/huntgroups/users", {**NAME, "user_name": "alice"}),
    Step("delete the hunt group", "DELETE", "/domains/huntgroups", NAME),
    Step("user details by API key", "GET", "/domains/users/details",
         {"key": "{prepared_domain_token}", "user_api_key": "{alice_key}"}, reads={"result": dict}),
    Step("send a code by a form", "POST", "/domains/verifications/smss", {"key": "{prepared_domain_token}"},
         form={"user_phone_number": "4034932232", "user_country_code": "US"}),
    Step("country codes", "GET", "/domains/countrycodes", {"key": "{prepared_domain_token}"}, reads={"result": dict}),
    Step("user token, with a description of the success", "GET", "/domains/users/accesstokens",
         {**CREDENTIALS, "user_id": "alice"}, message="success",
         reads={"status_description.code": 2000}, source="KandyIOPythonAPI, a live response in its source"),
    Step("upload contacts, device_id in the body too", "POST", "/devices/addressbooks",
         {"key": "{alice_token}", "device_id": "{alice_device}"},
         {"device_id": "{alice_device}", "contacts": [{"firstName": "John", "lastName": "Doe", "numbers": ["+14055671234"]}]}),
    Step("hints", "GET", "/devices/addressbooks/hints", {"key": "{alice_token}", "device_id": "{alice_device}"},
         reads={"result": dict}),
    Step("contacts of the device", "GET", "/users/addressbooks/device",
         {"key": "{alice_token}", "device_id": "{alice_device}"}, reads={"result.contacts[0].number": "+14055671234"}),
    Step("add a contact without prefixes", "POST", "/users/addressbooks/personal", {"key": "{alice_token}"},
         {"contact": {"name": "{bob}", "nickname": "bob", "image_id": "1"}}, reads={"result.contact_id": str}),
    Step("create a group", "POST", "/users/chatgroups", {"key": "{alice_token}"}, {"group_name": "asd", "group_image": {}},
         keep={"group": "result.group_id"}),
    Step("add members, group_id in the body too", "POST", "/users/chatgroups/chatgroup/members", GROUP,
         {"group_id": "{group}", "members": ["{bob}"]}),
    Step("update the group, group_id in the query too", "PUT", "/users/chatgroups/chatgroup", GROUP,
         {"group_id": "{group}", "group_name": "new name", "group_image": {}}),
    Step("mute the group, in the query and in the body", "PUT", "/users/chatgroups/chatgroup/mute",
         {**GROUP, "mute": "true"}, {"group_id": "{group}", "mute": True}),
    Step("mute a member", "PUT", "/users/chatgroups/chatgroup/members/mute", {"key": "{alice_token}"},
         {"group_id": "{group}", "members": ["{bob}"], "mute": True}),
    Step("remove members by a list in the query", "DELETE", "/users/chatgroups/chatgroup/members",
         {**GROUP, "members": '["{bob}"]'}),
    Step("leave the group", "DELETE", "/users/chatgroups/chatgroup/members/membership", GROUP),
    Step("delete a user by API key", "DELETE", "/domains/users",
         {"key": "{prepared_domain_token}", "user_api_key": "{bob_key}"}, message="User Deleted"),
]

CPLUSPLUS = [
    Step("account token", "GET", "/accounts/accesstokens",
         {"key": "{account_key}", "account_api_secret": "{account_secret}"},
         keep={"account_token": "result.account_access_token"}),
    Step("create a domain", "POST", "/accounts/domains", {"key": "{account_token}"},
         {"domain_name": "plus-{domain}", "project_name": "plus"},
         reads={"result.domain_api_key": str, "result.domain_api_secret": str}),
    Step("a taken name is 2001", "POST", "/accounts/domains", {"key": "{account_token}"},
         {"domain_name": "plus-{domain}", "project_name": "plus"}, status=2001),
]

SMS = [
    Step("domain token", "GET", "/domains/accesstokens", CREDENTIALS, reads={"result.domain_access_token": str}),
    Step("user token", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "alice"},
         keep={"token": "result.user_access_token"}),
    Step("first device", "GET", "/users/devices", {"key": "{token}"}, keep={"device": "result.devices[0].id"}),
    Step("SMS without plus sign", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         {"message": {"source": "Teacher", "destination": "12245556666", "message": {"text": "Hi"}}}, message="success"),
    Step("SMS without source", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         {"message": {"destination": "+12245556666", "message": {"text": "Caf\u00e9 \u2615"}}}, message="success"),
]

TUTORIAL = [
    Step("create a user with +1 as the country", "POST", "/domains/users/user_id", {"key": "{prepared_domain_token}"},
         {"user_id": "gina", "user_country_code": "+1"}, message="success",
         reads={"result.user_id": "gina", "result.user_password": re.compile(r"[0-9a-f]{14}"),
                "result.full_user_id": "gina@{domain}", "result.domain_name": "{domain}",
                "result.user_api_key": re.compile(r"UAK[0-9a-f]{32}"),
                "result.user_api_secret": re.compile(r"UAS[0-9a-f]{32}")}),
    Step("a failure has a number and no result", "POST", "/domains/users/user_id", {"key": "{prepared_domain_token}"},
         {"user_id": "gina"}, status=50, reads={"message": str}),
]

if __name__ == "__main__":
    python = {"User-Agent": "python-requests/2.13.0", "Accept": "*/*"}
    swift = {"Accept": "*/*", "Accept-Language": "en-us"}
    run(Family("python-2", PYTHON, "KandyIOPythonAPI", headers=python),
        Family("cplusplus", CPLUSPLUS, "KandyIO, a C++ client", headers={"Accept": "*/*"}),
        Family("swift", SMS, "KandyIOSWrapper", headers=swift), Family("node-red", SMS, "node-red-contrib-kandy-sms"),
        Family("tutorial", TUTORIAL, "a tutorial with two live responses", headers={"Accept": "*/*"}))
