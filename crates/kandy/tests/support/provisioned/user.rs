use super::{Call, Handles, Provisioned, Stage, answering, hunt_group, learn_user};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, domain, russ, .. } = stage.handles;
    let Provisioned { credentials, domain_key, .. } = stage.of;
    let credentials = credentials.clone();
    Some(match operation {
        "user_access_token_get" => {
            let user = domain.user("russ");
            let shown = format!("{user:?}");
            let future = async move {
                let token = user.access_token().await?;
                credentials.add(token.expose());
                Ok(format!("{token:?} {user:?}"))
            };
            Call { shown, future: Box::pin(future) }
        }
        "user_access_token_delete" => {
            let (user_id, password) = (stage.name(), format!("canary{:06}", stage.number));
            credentials.add(&password);
            let create = stage.maker().domain.create_user(&*user_id).password(&*password);
            learn_user(&credentials, &create.await.expect("created"));
            let token = stage.maker().domain.user(&*user_id).access_token().await.expect("a token");
            credentials.add(token.expose());
            let user = kandy.user_with_password(domain_key, user_id, password);
            answering(&user, user.revoke_access_token().token(token), |()| {})
        }
        "user_limited_get" => {
            answering(russ, russ.limited_details(), |user| assert_eq!(user.user_id, Some("russ".into())))
        }
        "user_profile_get" => {
            answering(russ, russ.profile("anna", "example.com"), |profile| assert!(profile.extra.is_empty()))
        }
        "user_profile_set" => {
            stage.maker().russ.set_profile().status_text("").await.expect("emptied");
            answering(russ, russ.set_profile().status_text(stage.name()), |()| {})
        }
        "phone_number_normalize" => {
            let normalize = russ.normalize_phone_number("(224) 555-6666", "US");
            answering(russ, normalize, |number| assert_eq!(number.extra["phone_number"], "+12245556666"))
        }
        "data_channel_configuration_get" => {
            answering(russ, russ.data_channel_configuration(), |channel| assert_eq!(channel.port, Some(443)))
        }
        "user_spidr_configuration_get" => answering(russ, russ.spidr_configuration().secure(true), |_| {}),
        "rollover_group_get" => {
            hunt_group::made(stage).await;
            answering(russ, russ.rollover_group(hunt_group::SUPPORT), |group| assert!(group.agents.is_empty()))
        }
        "billing_status_get" => answering(russ, russ.billing_status(), |_| {}),
        "device_create" => answering(russ, russ.create_device(stage.name()).family("iphone").name("iphone6"), |_| {}),
        "device_delete" => {
            let device = stage.maker().russ.create_device(stage.name()).await.expect("created").device_id;
            answering(russ, russ.delete_device(device), |()| {})
        }
        "device_list" => answering(russ, russ.devices(), |devices| assert!(!devices.is_empty())),
        _ => return None,
    })
}
