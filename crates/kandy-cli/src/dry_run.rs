//! `--dry-run`: prints a request and an equivalent curl command.

use std::fmt;

use kandy::{Preview, PreviewBody, PreviewValue};
use kandy_sys::operation::Credential;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    eprint::eprint,
    failure::Result,
    output::{Output, OutputSchema},
    shell::{MARK, in_double_quotes, quoted},
    terminal::escape_json,
};

/// A credential that a dry run does not know, for which there is no setting.
pub(crate) struct UnknownCredential {
    /// The parameter that it is the value of.
    pub(crate) parameter: &'static str,
    /// Its description, for messages.
    pub(crate) what: String,
}

/// Characters that are not percent-encoded in a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const REQUEST: OutputSchema = OutputSchema::open("requests", "", "");

/// Prints a request as HTTP, with credentials hidden, and as a curl command that reads them from variables.
///
/// A credential without a setting is read from a variable that no user has set, so that the curl command does not use
/// another credential by mistake.
///
/// `members` are added to the JSON.
pub(crate) fn show(
    output: &Output,
    preview: &Preview,
    unknown: &[UnknownCredential],
    ca_file: Option<&str>,
    members: &[(&str, Value)],
) -> Result {
    let mut curl = curl(preview, unknown);
    if let Some(file) = ca_file {
        curl.push_str(&format!(" --cacert {}", quoted(file)));
    }
    for UnknownCredential { parameter, what } in unknown {
        eprint(format_args!("{parameter} is {what}; the curl command reads it from {}", other(parameter)));
    }
    if !output.is_json() {
        return output.text(format_args!("{preview}\n\n{curl}"));
    }
    let operation = preview.operation();
    let request = preview.to_string();
    let (line, _) = request.split_once('\n').unwrap_or((&request, ""));
    let body = match preview.body() {
        PreviewBody::Json(body) => body.clone(),
        PreviewBody::File { file_name, .. } => json!({"file": file_name}),
        _ => Value::Null,
    };
    let url = line.split_once(' ').map_or(line, |(_, url)| url);
    let mut request =
        json!({"operation": operation.id, "method": operation.method.as_str(), "url": url, "body": body, "curl": curl});
    for (name, value) in members {
        request[*name] = value.clone();
    }
    output.object(&REQUEST, request)
}

/// Returns the request as a shell command.
///
/// Credentials go to curl on stdin, because other users of the machine can see arguments.
fn curl(preview: &Preview, unknown: &[UnknownCredential]) -> String {
    let operation = preview.operation();
    let (mut query, mut secrets) = (String::new(), Vec::new());
    for (name, value) in preview.query() {
        match value {
            PreviewValue::Text(text) => {
                let separator = if query.is_empty() { '?' } else { '&' };
                query.push_str(&format!("{separator}{name}={}", utf8_percent_encode(text, PLAIN)));
            }
            _ if unknown.iter().any(|unknown| unknown.parameter == name) => secrets.push((name, other(name))),
            _ => secrets.push((name, variable_of(preview, name))),
        }
    }
    // The access token is the query parameter `key`, which a preview keeps apart: it has no value yet.
    secrets.extend(
        preview.access_token().map(|level| ("key", format!("KANDY_{level}_ACCESS_TOKEN").to_ascii_uppercase())),
    );
    let url = format!("{}{}{query}", preview.base_url().trim_end_matches('/'), operation.path);
    let method = &operation.method;
    // curl reads the lines of the configuration from stdin; the shell expands the variables inside double quotes.
    let mut lines = Config::default();
    let options = match preview.body() {
        PreviewBody::None => {
            for (name, variable) in secrets {
                lines.add("data-urlencode", format!("{name}=${variable}"));
            }
            format!("--get --request {method} {}", quoted(&url))
        }
        body => {
            let mut url = url;
            for (name, variable) in secrets {
                let separator = if url.contains('?') { '&' } else { '?' };
                url.push_str(&format!("{separator}{name}=${variable}"));
            }
            lines.add("url", url);
            format!("--request {method} {}", with_body(body, &mut lines))
        }
    };
    format!("{lines} | curl --config - {options}")
}

fn with_body(body: &PreviewBody, lines: &mut Config) -> String {
    match body {
        PreviewBody::Json(json) => {
            // With JSON escapes, the command survives copying from any program.
            let mut body = json.clone();
            let json_type = "--header 'content-type: application/json'";
            match name_variables(&mut body) {
                false => format!("{json_type} --data {}", quoted(&escape_json(&body.to_string()))),
                true => {
                    let text = escape_json(&body.to_string()).replace('\\', r"\\").replace('"', "\\\"");
                    lines.add("data", in_double_quotes(&text));
                    json_type.to_owned()
                }
            }
        }
        PreviewBody::File { part, file_name, mime_type, .. } => {
            format!("--form {}", quoted(&format!("{part}=@{file_name};type={mime_type}")))
        }
        _ => String::new(),
    }
}

/// The lines of the curl configuration, with their values in shell syntax.
#[derive(Default)]
struct Config(Vec<(&'static str, String)>);

impl Config {
    /// Adds an option; `value` is inside double quotes.
    fn add(&mut self, option: &'static str, value: String) {
        self.0.push((option, value));
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("printf '")?;
        for (option, _) in &self.0 {
            write!(f, "{option} = \"%s\"\\n")?;
        }
        f.write_str("'")?;
        self.0.iter().try_for_each(|(_, value)| write!(f, " \"{value}\""))
    }
}

/// Returns the variable for a credential without a setting.
fn other(parameter: &str) -> String {
    format!("OTHER_{parameter}").to_ascii_uppercase()
}

/// Returns the variable for a credential parameter.
fn variable_of(preview: &Preview, name: &str) -> String {
    match (name, preview.operation().credential()) {
        ("key", Credential::ApiKey(level)) => format!("KANDY_{level}_API_KEY").to_ascii_uppercase(),
        _ => format!("KANDY_{name}").to_ascii_uppercase(),
    }
}

/// Replaces hidden members by variables. Returns whether there are any.
fn name_variables(body: &mut Value) -> bool {
    let mut any = false;
    match body {
        Value::Object(members) => {
            for (name, member) in members {
                if member == kandy_sys::MASK && kandy_sys::holds_credential(name) {
                    *member = format!("{MARK}KANDY_{}", name.to_ascii_uppercase()).into();
                    any = true;
                } else {
                    any |= name_variables(member);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                any |= name_variables(item);
            }
        }
        _ => {}
    }
    any
}
