//! The users of the domain one by one, while the list of them arrives: with all members that the service answers, and
//! without the list as a whole in memory.

use futures_util::StreamExt;
use http::StatusCode;
use kandy::Domain;
use kandy_sys::{ByteChunks, ByteStream, Fault, FromAnswer, ListReader, Operation, Payload};
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::{Failure, Result},
    output::Shape,
};

/// Users as they are listed.
pub(super) const USERS: Shape = Shape {
    name: "users",
    operation: "user_list",
    at: "/users",
    id: "user_id",
    columns: &["user_id", "user_first_name", "user_last_name", "user_email", "user_phone_number"],
};

/// The largest user who is read, in bytes: more than that is no user.
const LARGEST: usize = 1024 * 1024;

/// Prints the users of the domain.
pub(super) async fn list(context: &Context) -> Result {
    let domain = context.domain()?;
    if context.is_dry_run() {
        return context.list(domain.users(), &USERS).await;
    }
    let mut users = Users::of(&domain).await?;
    let mut list = context.output.begin_list(&USERS);
    while let Some(user) = users.next().await? {
        list.item(user)?;
    }
    list.end()
}

/// The users of a domain, who arrive one by one.
pub(super) struct Users {
    operation: &'static Operation,
    /// None once all has arrived.
    chunks: Option<ByteChunks>,
    reader: ListReader<Value>,
}

impl Users {
    /// Asks for the users of a domain, and waits until an answer begins.
    pub(super) async fn of(domain: &Domain) -> Result<Self> {
        let call = domain.raw().user_list();
        let operation = call.operation();
        let answer = call.stream().await.map_err(kandy::Error::from)?;
        if answer.status() != StatusCode::OK {
            return Err(refused(operation, answer));
        }
        let mut reader = ListReader::new("users");
        let chunks = match answer.into_body() {
            Payload::Stream(chunks) => Some(chunks),
            Payload::Whole(body) => {
                reader.add(&body);
                reader.close();
                None
            }
        };
        Ok(Self { operation, chunks, reader })
    }

    /// The next user. The service may say after the last one only that it refuses.
    pub(super) async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            match self.reader.next() {
                Some(Ok(user)) => return Ok(Some(user)),
                Some(Err(problem)) => return Err(self.not_understood(problem)),
                None => {}
            }
            let Some(chunks) = &mut self.chunks else {
                return match self.reader.fault() {
                    Some(fault) => Err(refused(self.operation, answer_with(fault))),
                    None => Ok(None),
                };
            };
            match chunks.next().await {
                Some(Ok(chunk)) if self.reader.held() + chunk.len() <= LARGEST => self.reader.add(&chunk),
                Some(Ok(_)) => return Err(self.not_understood("a user is larger than 1 MiB")),
                Some(Err(failure)) => {
                    return Err(match failure.downcast_ref::<kandy::Error>() {
                        Some(error) => error.clone().into(),
                        None => Failure::local(format!("{}: {failure}", self.operation.id)),
                    });
                }
                None => {
                    self.chunks = None;
                    self.reader.close();
                }
            }
        }
    }

    fn not_understood(&self, problem: impl std::fmt::Display) -> Failure {
        Failure::local(format!("{}: the answer cannot be understood: {problem}", self.operation.id))
    }
}

/// The failure that an answer stands for which is not a list. The same answer to a download is a refusal with any
/// HTTP status, and so that is how it is read.
fn refused(operation: &'static Operation, answer: http::Response<Payload>) -> Failure {
    match ByteStream::from_answer(operation, answer) {
        Err(error) => kandy::Error::from(error).into(),
        Ok(_) => Failure::local(format!("{}: the answer cannot be understood", operation.id)),
    }
}

/// The answer that a fault came in, without the list before it.
fn answer_with(fault: Fault) -> http::Response<Payload> {
    let body = json!({
        "status": fault.status.0,
        "message": fault.message,
        "status_description": fault.status_description,
    });
    let mut answer = http::Response::new(Payload::Whole(body.to_string().into()));
    let json = http::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, json);
    answer
}
