//! Calls of a user: tokens, profile, configuration and devices.

use super::{Call, CallSetup, Handles, Provisioned, hunt_group, record_user};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, domain, russ, .. } = setup.handles;
    let Provisioned { credentials, domain_key, .. } = setup.provisioned;
    let credentials = credentials.clone();
    Some(match operation {
        "user_access_token_get" => {
            let user = domain.user("russ");
            let printed = format!("{user:?}");
            let future = async move {
                let token = user.access_token().await?;
                credentials.add(token.expose());
                Ok(format!("{token:?} {user:?}"))
            };
            Call { printed, future: Box::pin(future) }
        }
        "user_access_token_delete" => {
            let (user_id, password) = (setup.name(), format!("canary{:06}", setup.number));
            credentials.add(&password);
            let create = setup.default_handles().domain.create_user(&*user_id).password(&*password);
            record_user(&credentials, &create.await.expect("created"));
            let token = setup.default_handles().domain.user(&*user_id).access_token().await.expect("a token");
            credentials.add(token.expose());
            let user = kandy.user_with_password(domain_key, user_id, password);
            Call::new(&user, user.revoke_access_token().token(token), |()| {})
        }
        "user_limited_get" => {
            Call::new(russ, russ.limited_details(), |user| assert_eq!(user.user_id, Some("russ".into())))
        }
        "user_profile_get" => {
            Call::new(russ, russ.profile("anna", "example.com"), |profile| assert!(profile.extra.is_empty()))
        }
        "user_profile_set" => {
            setup.default_handles().russ.set_profile().status_text("").await.expect("emptied");
            Call::new(russ, russ.set_profile().status_text(setup.name()), |()| {})
        }
        "phone_number_normalize" => {
            let normalize = russ.normalize_phone_number("(224) 555-6666", "US");
            Call::new(russ, normalize, |number| assert_eq!(number.extra["phone_number"], "+12245556666"))
        }
        "data_channel_configuration_get" => {
            let port = setup.provisioned.port();
            Call::new(russ, russ.data_channel_configuration(), move |channel| assert_eq!(channel.port, port))
        }
        "user_spidr_configuration_get" => Call::new(russ, russ.spidr_configuration().secure(true), |_| {}),
        "rollover_group_get" => {
            hunt_group::ensure_created(setup).await;
            Call::new(russ, russ.rollover_group(hunt_group::SUPPORT), |group| assert!(group.agents.is_empty()))
        }
        "billing_status_get" => Call::new(russ, russ.billing_status(), |_| {}),
        "device_create" => Call::new(russ, russ.create_device(setup.name()).family("iphone").name("iphone6"), |_| {}),
        "device_delete" => {
            let device = setup.default_handles().russ.create_device(setup.name()).await.expect("created").device_id;
            Call::new(russ, russ.delete_device(device), |()| {})
        }
        "device_list" => Call::new(russ, russ.devices(), |devices| assert!(!devices.is_empty())),
        _ => return None,
    })
}
