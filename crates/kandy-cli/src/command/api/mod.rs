//! `kandy api`: calls any operation by name.

mod list;
mod parameter;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use futures_util::StreamExt;
use kandy_sys::{
    ByteStream, Client, Envelope, OPERATIONS, Operation, Upload,
    operation::{Credential, Level, RequestBody, ResponseKind},
};
use serde_json::Value;

use crate::{
    arguments::DeviceArguments,
    context::Context,
    failure::{Failure, Result},
    output::OutputSchema,
    stdin, suggest,
};

/// Call any API operation by name, with the credential that it requires
#[derive(Args)]
#[command(after_help = "Examples:
  kandy api --list
  kandy api user_list
  kandy api message_list --user russ -p device_id=A149
  kandy api user_create --input user.json
  kandy api user_access_token_get -p user_id=russ --show-secrets
The confidence of an operation states the evidence for its description: A documented, B seen in two or more
clients, C seen in one client.
Omitted parameters for credentials, users and devices are filled in from the settings.
For operations of another API version, the version in the base URL is replaced.")]
pub(crate) struct Api {
    /// Name of the operation
    #[arg(required_unless_present = "list", add = ArgValueCandidates::new(operations))]
    operation: Option<String>,
    /// Query parameter
    #[arg(long = "parameter", short, value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// Query parameter read from a file, or from stdin for -; use it for credentials, which must not be arguments
    #[arg(long = "parameter-file", value_name = "NAME=FILE")]
    parameter_files: Vec<String>,
    /// Request body: a file with JSON, or the file to upload for operations that take one; - for stdin
    #[arg(long, short, value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArguments,
    /// List all operations with their parameters and how reliable their documentation is
    #[arg(long, conflicts_with_all = ["operation", "parameters", "parameter_files", "input"])]
    list: bool,
}

const ANSWER: OutputSchema = OutputSchema::open("responses", "", "");

impl Api {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let Some(name) = &self.operation else { return list::show(context) };
        let Some(operation) = Operation::find(name) else {
            return Err(Failure::usage(suggest::unknown("operation", name, OPERATIONS.iter().map(|known| known.id))));
        };
        let client = self.client(context, operation)?;
        let mut call = client.dynamic(operation);
        for (name, value) in self.parameters(context, operation).await? {
            call = call.parameter(name, value.expose()).map_err(unusable)?;
        }
        call = match (operation.body, &self.input) {
            (_, None) => call,
            (RequestBody::None, Some(_)) => {
                return Err(Failure::usage(format!("{} has no request body; omit --input", operation.id)));
            }
            (RequestBody::File(_), Some(path)) => call.file(file(path)?),
            (_, Some(path)) => call.json(json(path)?),
        };
        let call = call.into_call().map_err(unusable)?;
        if context.is_dry_run() {
            return context.preview(call);
        }
        match operation.response {
            ResponseKind::File => {
                let file = call.read_as::<ByteStream>().await.map_err(kandy::Error::from)?;
                write(context, file.into_inner()).await
            }
            _ => call_json(context, operation, call).await,
        }
    }

    /// Returns the generated client with the token that the operation requires.
    fn client(&self, context: &Context, operation: &Operation) -> Result<Client> {
        context.call_version(operation.version);
        let level = operation
            .credentials
            .iter()
            .filter_map(|credential| match credential {
                Credential::AccessToken(level) => Some(*level),
                Credential::ApiKey(_) => None,
            })
            // With `--user`, prefer the user's token if several levels are accepted.
            .max_by_key(|level| (*level == Level::User) == self.device.user.user.is_some());
        Ok(match level {
            Some(Level::Account) => context.account()?.raw().clone(),
            Some(Level::Domain) => context.domain()?.raw().clone(),
            Some(Level::User) => context.user(&self.device.user)?.raw().clone(),
            // The operation takes no token, so any client will do.
            None => context.kandy()?.user_with_token(kandy_sys::MASK).raw().clone(),
        })
    }
}

/// Sends a call that returns JSON.
async fn call_json(
    context: &Context,
    operation: &'static Operation,
    call: kandy_sys::Call<'_, Envelope<Value>>,
) -> Result {
    let response = call.await.map_err(kandy::Error::from)?;
    let http_status = response.status();
    let result = response.into_inner().into_result();
    match result {
        Ok(result) => context.output.document(&ANSWER, result),
        Err(fault) => Err(kandy::Error::refused(operation, http_status, fault).into()),
    }
}

/// Writes a downloaded file to stdout as it arrives.
async fn write(context: &Context, mut file: ByteStream) -> Result {
    context.output.reject_terminal("the response is a file; redirect stdout with >")?;
    while let Some(bytes) = file.next().await {
        context.output.bytes(&bytes.map_err(|error| Failure::local(format!("the download broke off: {error}")))?)?;
    }
    Ok(())
}

fn unusable(error: kandy_sys::DynamicCallError) -> Failure {
    Failure::usage(error.to_string())
}

/// Reads JSON from a file, or from stdin.
fn json(path: &Path) -> Result<Value> {
    let text = read(path)?;
    serde_json::from_slice(&text).map_err(|error| {
        // The invalid text is not shown, because it may contain a secret.
        Failure::usage(format!(
            "{}: line {}, column {}: this is not JSON",
            path.display(),
            error.line(),
            error.column()
        ))
    })
}

fn file(path: &Path) -> Result<Upload> {
    let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(Upload::new(name, read(path)?))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        return stdin::bytes();
    }
    fs::read(path).map_err(|error| Failure::of_input(path.display(), &error))
}

fn operations() -> Vec<CompletionCandidate> {
    let candidate =
        |operation: &'static Operation| CompletionCandidate::new(operation.id).help(Some(operation.summary.into()));
    OPERATIONS.iter().map(candidate).collect()
}
