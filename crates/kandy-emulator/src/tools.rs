//! What the emulator answers beside the API, for tests and for people.

use std::time::Duration;

use http::{Method, StatusCode};
use kandy_sys::{Fault, Status, types::Contact};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    answer::Answer,
    failure::Failure,
    limits,
    refusal::{self, Refusal},
    route::TOOLS_PATH,
    seed::NewGroup,
    text,
    world::World,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    device_id: String,
    contact: Contact,
}

/// Answers a request to a path below `/_emulator`.
pub(crate) fn answer(world: &World, method: &Method, path: &str, body: &[u8]) -> Answer {
    let tool = path.get(TOOLS_PATH.len()..).unwrap_or_default().trim_matches('/');
    // Bodies come from files, which editors write with a byte order mark, too.
    let body = match text::decode(body) {
        Ok(body) => body,
        Err(error) => {
            return refuse(Fault::new(Status::VALIDATION_FAILED, format!("request body cannot be read: {error}")))
                .into();
        }
    };
    match run(world, method, &tool.to_ascii_lowercase(), body.as_bytes()) {
        Ok(answer) => answer,
        Err(refusal) => refusal.into(),
    }
}

fn run(world: &World, method: &Method, tool: &str, body: &[u8]) -> Result<Answer, Refusal> {
    let (get, post) = (method == Method::GET, method == Method::POST);
    Ok(match tool {
        "health" if get => Answer::json(&json!({"status": "ok"})),
        "state" if get => Answer::json(&world.state().summary()),
        "requests" if get => Answer::json(&json!({"requests": world.requests()})),
        "sms" if get => Answer::json(&json!({"sms": world.state().outbox.all()})),
        "verifications" if get => Answer::json(&json!({"verifications": world.state().verification_codes()})),
        "reset" if post => {
            world.reset();
            Answer::json(&json!({"status": "ok"}))
        }
        "clock" if post => {
            let Advance { advance_ms } = read(body)?;
            let mut state = world.state();
            state.clock.advance(Duration::from_millis(advance_ms));
            Answer::json(&json!({"now_ms": state.clock.now()}))
        }
        "groups" if post => {
            let group: NewGroup = read(body)?;
            let id = world.state().create_group(&group).map_err(refuse)?;
            Answer::json(&json!({"group_id": id}))
        }
        "contacts" if post => {
            let NewContact { device_id, contact } = read(body)?;
            world.state().add_contact(&device_id, contact).map_err(refuse)?;
            Answer::json(&json!({"status": "ok"}))
        }
        "faults" if get => Answer::json(&json!({"faults": world.failures().all()})),
        "faults" if post => {
            let failure = Failure::from_json(body).map_err(refuse)?;
            let mut failures = world.failures();
            if failures.len() >= limits::FAULTS {
                let message = format!("{} faults are armed, and no more can be; remove some", limits::FAULTS);
                return Err(refuse(Fault::new(Status::USAGE_QUOTA_EXCEEDED, message)));
            }
            Answer::json(&json!({"id": failures.arm(failure)}))
        }
        "faults" if method == Method::DELETE => {
            world.failures().clear();
            Answer::json(&json!({"status": "ok"}))
        }
        "health" | "state" | "requests" | "sms" | "verifications" | "reset" | "clock" | "groups" | "contacts"
        | "faults" => {
            return Err(Refusal::method_not_allowed());
        }
        _ => match tool.strip_prefix("faults/") {
            Some(id) if method == Method::DELETE => remove_failure(world, id)?,
            Some(_) => return Err(Refusal::method_not_allowed()),
            None => return Err(Refusal::unknown_request()),
        },
    })
}

fn remove_failure(world: &World, id: &str) -> Result<Answer, Refusal> {
    match id.parse() {
        Ok(id) if world.failures().remove(id) => Ok(Answer::json(&json!({"status": "ok"}))),
        _ => Err(Refusal { http: StatusCode::NOT_FOUND, fault: refusal::unknown("fault") }),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        // Where, and not what: the text of the error repeats what was sent.
        let (line, column) = (error.line(), error.column());
        let message = format!("request body is not as documented, line {line} column {column}");
        refuse(Fault::new(Status::VALIDATION_FAILED, message))
    })
}

/// Unlike the API, the tools say with HTTP that something failed.
fn refuse(fault: Fault) -> Refusal {
    Refusal { http: StatusCode::BAD_REQUEST, fault }
}
