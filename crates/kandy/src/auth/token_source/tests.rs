//! Which credential each request carries, what is refused before anything is sent, and which response has a token.

use super::*;
use crate::{Account, Domain, User, pipeline::api};

/// A source for each kind of credentials.
fn sources() -> [(&'static str, TokenSource); 7] {
    let (key, secret) = (ApiKey::<Domain>::from("DAK"), ApiSecret::<Domain>::from("DAS"));
    [
        ("account", TokenSource::api_key(&ApiKey::<Account>::from("AAK"), &ApiSecret::<Account>::from("AAS"))),
        ("domain", TokenSource::api_key(&key, &secret)),
        ("user", TokenSource::user(&key, "russ".into(), &secret)),
        ("user with password", TokenSource::user_with_password(&key, "russ".into(), "hunter22".into())),
        ("account token", TokenSource::static_token(&AccessToken::<Account>::from("AAT"))),
        ("domain token", TokenSource::static_token(&AccessToken::<Domain>::from("DAT"))),
        ("user token", TokenSource::static_token(&AccessToken::<User>::from("UAT"))),
    ]
}

/// Returns the source of this name.
fn source(name: &str) -> TokenSource {
    sources().into_iter().find(|(known, _)| *known == name).expect(name).1
}

/// Returns `name=value` of each parameter of a request, in order.
fn query(request: &Request<'_>) -> String {
    request.query().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Returns the argument that is refused, and the reason.
fn refused<T>(result: Result<T>) -> (&'static str, String) {
    match result.map(drop) {
        Err(Error::Argument(error)) => (error.argument(), error.reason().to_owned()),
        other => panic!("not refused for an argument: {other:?}"),
    }
}

#[test]
fn each_level_mints_and_revokes_with_its_own_credentials() {
    for (name, minted, by, revoked, by_what) in [
        (
            "account",
            "account_access_token_get",
            "account_api_secret=AAS&key=AAK",
            "account_access_token_delete",
            "account_access_token=old&account_api_secret=AAS&key=AAK",
        ),
        (
            "domain",
            "domain_access_token_get",
            "domain_api_secret=DAS&key=DAK",
            "domain_access_token_delete",
            "domain_access_token=old&domain_api_secret=DAS&key=DAK",
        ),
        (
            "user",
            "user_access_token_get",
            "domain_api_secret=DAS&key=DAK&user_id=russ",
            "user_access_token_delete",
            "key=DAK&user_access_token=old&user_id=russ&user_password=given",
        ),
        (
            "user with password",
            "user_access_token_get",
            "key=DAK&user_id=russ&user_password=hunter22",
            "user_access_token_delete",
            "key=DAK&user_access_token=old&user_id=russ&user_password=given",
        ),
    ] {
        let source = source(name);
        assert!(source.can_mint() && source.usable().is_ok() && source.check().is_ok(), "{name}");
        let mint = source.mint(api()).expect(name);
        assert_eq!((mint.operation().id, mint.request().operation().id), (minted, minted));
        assert_eq!(query(mint.request()), by, "{name}");

        let (old, given) = ("old".into(), Secret::from("given"));
        source.check_revoke(Some(&given)).expect(name);
        let revoke = source.revoke(api(), &old, Some(&given)).and_then(|call| Ok(call.into_request()?)).expect(name);
        assert_eq!((revoke.operation().id, query(&revoke)), (revoked, by_what.to_owned()), "{name}");
    }
}

#[test]
fn a_user_is_revoked_with_the_own_password_unless_another_is_given() {
    let user = source("user with password");
    user.check_revoke(None).expect("it has a password");
    let old = "old".into();
    let revoke = user.revoke(api(), &old, None).and_then(|call| Ok(call.into_request()?)).expect("a request");
    assert_eq!(query(&revoke), "key=DAK&user_access_token=old&user_id=russ&user_password=hunter22");

    // The secret of the domain does not authorise it.
    let user = source("user");
    for result in [user.check_revoke(None), user.revoke(api(), &old, None).map(drop)] {
        let expected = ("password", "revoking a user's token takes the user's password".to_owned());
        assert_eq!(refused(result), expected);
    }
}

#[test]
fn a_token_that_was_minted_elsewhere_is_neither_renewed_nor_revoked() {
    let (old, password) = ("old".into(), Secret::from("given"));
    for (name, level, owner, credential) in [
        ("account token", Level::Account, "an account", "api_secret"),
        ("domain token", Level::Domain, "a domain", "api_secret"),
        ("user token", Level::User, "a user", "domain_api_key"),
    ] {
        let source = source(name);
        assert_eq!((source.level(), source.can_mint()), (level, false), "{name}");
        source.usable().expect(name);
        for result in [
            source.check(),
            source.mint(api()).map(drop),
            source.revoke(api(), &old, None).map(drop),
            source.revoke(api(), &old, Some(&password)).map(drop),
        ] {
            let reason = format!("this handle of {owner} has no credentials to get a token with");
            assert_eq!(refused(result), ("access_token", reason));
        }
        for password in [None, Some(&password)] {
            assert_eq!(refused(source.check_revoke(password)).0, credential, "{name}");
        }
        assert!(source.owner("https://api.kandy.io/v1.2").is_none(), "no store has it: {name}");
    }
}

#[test]
fn wrong_credentials_are_refused_before_they_are_sent() {
    let long = "a".repeat(argument::LONGEST_IN_QUERY + 1);
    let wrong_key = format!("DAS{}", "0".repeat(32));
    let (key, secret) = (|text: &str| ApiKey::<Domain>::from(text), |text: &str| ApiSecret::<Domain>::from(text));
    let domain = |k: &str, s: &str| TokenSource::api_key(&key(k), &secret(s));
    let user = |k: &str, id: &str, s: &str| TokenSource::user(&key(k), id.into(), &secret(s));
    let by_password = |k: &str, id: &str, p: &str| TokenSource::user_with_password(&key(k), id.into(), p.into());
    // Where a secret is wrong as well, the key and the user id are named: they come first.
    for (source, argument) in [
        (domain("", ""), "api_key"),
        (domain(&wrong_key, "DAS"), "api_key"),
        (domain("DAK", ""), "api_secret"),
        (domain("DAK", &long), "api_secret"),
        (user("", "", ""), "domain_api_key"),
        (user(&wrong_key, "russ", "DAS"), "domain_api_key"),
        (user("DAK", "", ""), "user_id"),
        (user("DAK", "russ@example.com", "DAS"), "user_id"),
        (user("DAK", "russ", ""), "domain_api_secret"),
        (by_password("", "russ", ""), "domain_api_key"),
        (by_password("DAK", "", "hunter22"), "user_id"),
        (by_password("DAK", "russ", ""), "password"),
        (by_password("DAK", "russ", &long), "password"),
    ] {
        assert_eq!(refused(source.check()).0, argument);
        assert_eq!(refused(source.mint(api())).0, argument);
        source.usable().expect("a cached token needs no credentials");
        // The secret of the domain is no part of revoking a user's token, so it may be missing.
        let password = Secret::from("given");
        match (source.level(), argument) {
            (Level::User, "domain_api_secret" | "password") => source.check_revoke(Some(&password)).expect(argument),
            _ => assert_eq!(refused(source.check_revoke(Some(&password))).0, argument),
        }
    }
    let valid = source("user");
    for password in ["", &long] {
        let (argument, reason) = refused(valid.check_revoke(Some(&password.into())));
        assert!(argument == "password" && !reason.contains("aaa"), "{reason}");
    }
}

#[test]
fn a_wrong_token_that_was_minted_elsewhere_is_refused_before_it_is_sent() {
    let key = format!("DAK{}", "0".repeat(32));
    for token in ["", &key, &"a".repeat(argument::LONGEST_IN_QUERY + 1)] {
        let source = TokenSource::static_token(&AccessToken::<Domain>::from(token));
        let (argument, reason) = refused(source.usable());
        assert!(argument == "access_token" && (token.is_empty() || !reason.contains(token)), "{reason}");
    }
    let token = AccessToken::<Domain>::from("DAT-token");
    assert_eq!(token.into_secret().expose(), "DAT-token");
}

#[test]
fn a_store_has_a_token_for_each_service_level_key_and_user() {
    let mut owners = Vec::new();
    for (name, level, key, user) in [
        ("account", Level::Account, "AAK", None),
        ("domain", Level::Domain, "DAK", None),
        ("user", Level::User, "DAK", Some("russ")),
        ("user with password", Level::User, "DAK", Some("russ")),
    ] {
        for base_url in ["https://api.kandy.io/v1.2", "http://127.0.0.1:8080/v1.2"] {
            let owner = source(name).owner(base_url).expect(name);
            assert_eq!((&*owner.base_url, owner.level, owner.api_key.expose()), (base_url, level, key), "{name}");
            assert_eq!(owner.user_id.as_ref().map(UserId::as_str), user, "{name}");
            owners.push(owner);
        }
    }
    // The password and the secret mint tokens of the same user.
    let distinct = owners.iter().enumerate().filter(|(at, owner)| !owners[..*at].contains(owner)).count();
    assert_eq!(distinct, 6);
}

#[test]
fn a_response_without_a_token_names_the_field() {
    for (name, field) in [
        ("account", "account_access_token"),
        ("domain", "domain_access_token"),
        ("user", "user_access_token"),
        ("user with password", "user_access_token"),
    ] {
        let source = source(name);
        let mint = source.mint(api()).expect(name);
        let read = |body: String| mint.read(mint.operation(), http::Response::new(Body::Full(body.into())));
        let success = |result: String| read(format!(r#"{{"status":0,"message":"success","result":{result}}}"#));

        let token = success(format!(r#"{{"{field}":"new"}}"#)).expect(name);
        assert_eq!(token.expose(), "new");
        // An empty token would be refused by every operation, each with a misleading error.
        for result in ["{}".to_owned(), format!(r#"{{"{field}":""}}"#), format!(r#"{{"{field}":null}}"#)] {
            match success(result.clone()) {
                Err(Error::Decode(error)) => {
                    assert_eq!(error.path(), format!("result.{field}"));
                    assert_eq!(error.operation(), mint.operation().id);
                }
                other => panic!("{name} {result}: {other:?}"),
            }
        }
        let refused = read(r#"{"status":55,"message":"invalid credentials"}"#.to_owned()).expect_err(name);
        assert_eq!(refused.status(), Some(kandy_sys::Status::INVALID_CREDENTIALS), "{refused}");
    }
}
