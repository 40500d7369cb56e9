use super::{Call, Handles, Provisioned, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { domain, russ, .. } = stage.handles;
    let Provisioned { credentials, .. } = stage.of;
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
        "device_create" => answering(russ, russ.create_device(stage.name()).family("iphone").name("iphone6"), |_| {}),
        "device_delete" => {
            let device = stage.maker().russ.create_device(stage.name()).await.expect("created").device_id;
            answering(russ, russ.delete_device(device), |()| {})
        }
        "device_list" => answering(russ, russ.devices(), |devices| assert!(!devices.is_empty())),
        _ => return None,
    })
}
