//! Calls of the account.

use super::{Call, CallSetup, Handles, Provisioned, record_domain};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, account, .. } = setup.handles;
    let Provisioned { credentials, .. } = setup.provisioned;
    let credentials = credentials.clone();
    Some(match operation {
        "account_access_token_get" => {
            let account =
                kandy.account(setup.provisioned.emulator.account_key(), setup.provisioned.emulator.account_secret());
            let printed = format!("{kandy:?} {account:?}");
            let future = async move {
                let token = account.access_token().await?;
                credentials.add(token.expose());
                Ok(format!("{token:?} {account:?}"))
            };
            Call { printed, future: Box::pin(future) }
        }
        "account_access_token_delete" => {
            let (key, secret) = (setup.provisioned.emulator.account_key(), setup.provisioned.emulator.account_secret());
            let token = setup.default_handles().kandy.account(key, secret).access_token().await.expect("a token");
            credentials.add(token.expose());
            Call::new(account, account.revoke_access_token().token(token), |()| {})
        }
        "domain_create" => {
            Call::new(account, account.create_domain(format!("{}.example.com", setup.name())), move |created| {
                record_domain(&credentials, created);
            })
        }
        "domain_delete" => {
            let created = setup
                .default_handles()
                .account
                .create_domain(format!("{}.example.com", setup.name()))
                .await
                .expect("created");
            record_domain(&credentials, &created);
            Call::new(account, account.delete_domain(created.api_key), |()| {})
        }
        "domain_list" => Call::new(account, account.domains(), |domains| assert!(!domains.is_empty())),
        _ => return None,
    })
}
