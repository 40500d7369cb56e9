//! `kandy user delete`.

use clap::Args;
use kandy::Domain;

use crate::{
    context::Context,
    credential::read_secret,
    eprint::eprint,
    failure::{Failure, Result},
};

/// Delete users
#[derive(Args)]
#[command(after_help = "Example:\n  kandy user delete russ anna")]
pub(crate) struct Delete {
    /// User ids
    #[arg(value_name = "USER_ID", required = true)]
    user_ids: Vec<String>,
    /// File with the password that identifies the user, or - for stdin (default: look up the API key of each user)
    #[arg(long, value_name = "FILE")]
    password_file: Option<String>,
}

impl Delete {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let domain = context.domain()?;
        match (&self.user_ids[..], &self.password_file) {
            ([user_id], None) => by_api_key(context, &domain, user_id).await,
            ([user_id], Some(file)) => {
                let call = domain.delete_user_by_password(user_id.as_str(), read_secret(file)?);
                context.change(call, done(user_id)).await
            }
            (_, Some(_)) => Err(Failure::usage("--password-file: only one user can be deleted by password")),
            (user_ids, None) => each(context, &domain, user_ids).await,
        }
    }
}

/// Deletes all users that can be deleted.
async fn each(context: &Context, domain: &Domain, user_ids: &[String]) -> Result {
    let mut failed = 0;
    for user_id in user_ids {
        match by_api_key(context, domain, user_id).await {
            Ok(()) => {}
            // A credential or network error concerns all users: stop.
            Err(failure) if matches!(failure.exit_code(), 6 | 7) => return Err(failure),
            Err(failure) => {
                eprint(format_args!("kandy: {failure}"));
                failed += 1;
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::Some(format!("{failed} of {} users were not deleted", user_ids.len()))),
    }
}

async fn by_api_key(context: &Context, domain: &Domain, user_id: &str) -> Result {
    let api_key = context.user_api_key(domain, user_id).await?;
    context.change(domain.delete_user(api_key), done(user_id)).await
}

fn done(user_id: &str) -> String {
    format!("deleted user {user_id:?}")
}
