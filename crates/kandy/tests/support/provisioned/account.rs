use super::{Call, Handles, Provisioned, Stage, answering, learn_domain};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, account, .. } = stage.handles;
    let Provisioned { credentials, .. } = stage.of;
    let credentials = credentials.clone();
    Some(match operation {
        "account_access_token_get" => {
            let account = kandy.account(stage.of.emulator.account_key(), stage.of.emulator.account_secret());
            let shown = format!("{kandy:?} {account:?}");
            let future = async move {
                let token = account.access_token().await?;
                credentials.add(token.expose());
                Ok(format!("{token:?} {account:?}"))
            };
            Call { shown, future: Box::pin(future) }
        }
        "account_access_token_delete" => {
            let (key, secret) = (stage.of.emulator.account_key(), stage.of.emulator.account_secret());
            let token = stage.maker().kandy.account(key, secret).access_token().await.expect("a token");
            credentials.add(token.expose());
            answering(account, account.revoke_access_token().token(token), |()| {})
        }
        "domain_create" => {
            answering(account, account.create_domain(format!("{}.example.com", stage.name())), move |created| {
                learn_domain(&credentials, created);
            })
        }
        "domain_delete" => {
            let created =
                stage.maker().account.create_domain(format!("{}.example.com", stage.name())).await.expect("created");
            learn_domain(&credentials, &created);
            answering(account, account.delete_domain(created.api_key), |()| {})
        }
        "domain_list" => answering(account, account.domains(), |domains| assert!(!domains.is_empty())),
        _ => return None,
    })
}
