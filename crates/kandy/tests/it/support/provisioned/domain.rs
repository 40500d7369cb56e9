//! Calls of the domain.

use super::{Call, CallSetup, Handles, Provisioned, record_anonymous_user, record_user};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, domain, .. } = setup.handles;
    let Provisioned { credentials, domain_key, domain_secret, .. } = setup.provisioned;
    let credentials = credentials.clone();
    Some(match operation {
        "domain_access_token_get" => {
            let domain = kandy.domain(domain_key, domain_secret);
            let printed = format!("{domain:?}");
            let future = async move {
                let token = domain.access_token().await?;
                credentials.add(token.expose());
                Ok(format!("{token:?} {domain:?}"))
            };
            Call { printed, future: Box::pin(future) }
        }
        "domain_access_token_delete" => {
            let token =
                setup.default_handles().kandy.domain(domain_key, domain_secret).access_token().await.expect("a token");
            credentials.add(token.expose());
            Call::new(domain, domain.revoke_access_token().token(token), |()| {})
        }
        "domain_get" => Call::new(domain, domain.details(), |details| assert_eq!(details.name, "example.com")),
        "user_create" => {
            let password = format!("canary{:06}", setup.number);
            credentials.add(&password);
            let create = domain.create_user(setup.name()).password(password).email("russ@example.com");
            Call::new(domain, create, move |created| record_user(&credentials, created))
        }
        "user_create_by_phone_number" => {
            let create = domain.create_user_by_phone(format!("{}", 3_000_000_000_usize + setup.number), "US");
            Call::new(domain, create, move |created| record_user(&credentials, created))
        }
        "user_delete" => {
            let created = setup.default_handles().domain.create_user(setup.name()).await.expect("created");
            record_user(&credentials, &created);
            Call::new(domain, domain.delete_user(created.api_key.expect("a key")), |()| {})
        }
        "user_list" => Call::new(domain, domain.users(), |users| assert!(users.len() >= 2)),
        "user_get" => {
            let token = setup.default_handles().russ.access_token().await.expect("a token");
            credentials.add(token.expose());
            Call::new(domain, domain.user_details_by_token(&token), |user| assert_eq!(user.user_id, "russ"))
        }
        "domain_limited_get" => Call::new(domain, domain.limited_details(), |details| {
            assert_eq!(details.extra["domain"]["domain_name"], "example.com")
        }),
        "anonymous_user_get" => {
            Call::new(domain, domain.anonymous_user(), move |user| record_anonymous_user(&credentials, user))
        }
        "anonymous_user_get_by_api_key" => {
            Call::new(domain, domain.anonymous_user_by_api_key(), move |user| record_anonymous_user(&credentials, user))
        }
        "country_code_get" => {
            Call::new(domain, domain.country_codes().mcc("310"), |code| assert_eq!(code.extra["country_code"], "1"))
        }
        "domain_spidr_configuration_get" => {
            let port = setup.provisioned.port();
            Call::new(domain, domain.spidr_configuration(), move |spidr| assert_eq!(spidr.rest_server_port, port))
        }
        _ => return None,
    })
}
