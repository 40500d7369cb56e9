//! Access tokens, for `kandy account token`, `kandy domain token` and `kandy user token`.

use clap::{Args, Subcommand};
use kandy::Secret;
use kandy_sys::{ApiKey, ApiSecret, operation::Level};
use serde_json::json;

use crate::{
    arguments::UserArguments,
    context::Context,
    credential::{Setting, read_secret},
    failure::{Failure, Result},
    output::OutputSchema,
};

/// Create and revoke access tokens of the account or of a domain
#[derive(Subcommand)]
pub(crate) enum Token {
    /// Create an access token (printed only with --show-secrets)
    #[command(
        after_help = "Examples:\n  kandy account token create --show-secrets --quiet > token.txt\n  kandy domain \
            token create --show-secrets --json"
    )]
    Create,
    /// Revoke an access token
    #[command(
        after_help = "Examples:\n  kandy account token delete --token-file token.txt\n  kandy domain token delete \
            --token-file -"
    )]
    Delete(TokenFile),
}

/// Create and revoke access tokens of a user
#[derive(Subcommand)]
pub(crate) enum UserToken {
    /// Create an access token (printed only with --show-secrets)
    #[command(after_help = "Example:\n  kandy user token create --user russ --show-secrets --quiet > token.txt")]
    Create(UserArguments),
    /// Revoke an access token; requires the password of the user
    #[command(after_help = "Example:\n  kandy user token delete --user russ --token-file token.txt --password-file -")]
    Delete {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        token: TokenFile,
        /// File with the password of the user, or - for stdin (default: KANDY_USER_PASSWORD)
        #[arg(long, value_name = "FILE")]
        password_file: Option<String>,
    },
}

/// The token to revoke.
#[derive(Args)]
pub(crate) struct TokenFile {
    /// File with the token, or - for stdin
    #[arg(long, value_name = "FILE")]
    token_file: String,
}

const TOKEN: OutputSchema = OutputSchema {
    name: "access tokens",
    operation: "",
    at: "",
    id: "access_token",
    columns: &["level", "access_token"],
};

/// Rejects creating a token that would not be printed.
fn check_printed(context: &Context) -> Result {
    match context.output.prints_ids() && !context.shows_secrets() {
        true => Err(Failure::usage("--quiet: the token is printed only with --show-secrets; add that option")),
        false => Ok(()),
    }
}

impl Token {
    pub(crate) async fn run(self, context: &Context, level: Level) -> Result {
        if matches!(self, Self::Create) {
            check_printed(context)?;
        }
        match (self, level) {
            (Self::Create, Level::Account) => {
                let account = context.account_with_secret()?;
                if context.is_dry_run() {
                    let [key, secret] = context.secrets([Setting::AccountApiKey, Setting::AccountApiSecret])?;
                    return context
                        .preview(account.raw().account_access_token_get(&ApiSecret::from(secret), &ApiKey::from(key)));
                }
                minted(context, level, account.access_token().await?.expose())
            }
            (Self::Create, _) => {
                let domain = context.domain_with_secret()?;
                if context.is_dry_run() {
                    let [key, secret] = context.secrets([Setting::DomainApiKey, Setting::DomainApiSecret])?;
                    return context
                        .preview(domain.raw().domain_access_token_get(&ApiSecret::from(secret), &ApiKey::from(key)));
                }
                minted(context, level, domain.access_token().await?.expose())
            }
            (Self::Delete(token), Level::Account) => {
                let account = context.account_with_secret()?;
                let revoke = account.revoke_access_token().token(token.read(context, "account_access_token")?);
                context.change(revoke, "revoked the access token").await
            }
            (Self::Delete(token), _) => {
                let domain = context.domain_with_secret()?;
                let revoke = domain.revoke_access_token().token(token.read(context, "domain_access_token")?);
                context.change(revoke, "revoked the access token").await
            }
        }
    }
}

impl UserToken {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Create(user) => {
                check_printed(context)?;
                let handle = context.user(&user)?;
                if context.is_dry_run() {
                    let [key, secret] = context.secrets([Setting::DomainApiKey, Setting::DomainApiSecret])?;
                    let user_id = context.user_id(&user)?;
                    let raw = handle.raw();
                    return context.preview(raw.user_access_token_get(
                        None,
                        None,
                        Some(&ApiSecret::from(secret)),
                        None,
                        &ApiKey::from(key),
                        &user_id,
                        None,
                    ));
                }
                minted(context, Level::User, handle.access_token().await?.expose())
            }
            Self::Delete { user, token, password_file } => {
                let password = match password_file {
                    Some(file) => read_secret(&file)?,
                    None => context.secrets([Setting::UserPassword])?[0].clone(),
                };
                // Revoking takes the key of the domain, whatever token the user has.
                let user = context.domain_with_secret()?.user(context.user_id(&user)?);
                let revoke =
                    user.revoke_access_token().token(token.read(context, "user_access_token")?).password(password);
                context.change(revoke, "revoked the access token").await
            }
        }
    }
}

impl TokenFile {
    fn read(&self, context: &Context, parameter: &'static str) -> Result<Secret> {
        if context.is_dry_run() {
            context.unknown(parameter, "the token that was given");
        }
        read_secret(&self.token_file)
    }
}

fn minted(context: &Context, level: Level, token: &str) -> Result {
    context.output.object(&TOKEN, json!({"level": level.to_string(), "access_token": token}))
}
