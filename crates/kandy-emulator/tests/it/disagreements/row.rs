//! The requests of one side of a disagreement, and their expected responses.

use http::Method;
use kandy_emulator::NewGroup;
use kandy_sys::{OPERATIONS, types::Contact};
use serde_json::Value;

use crate::fixture::{Domain, Kandy, Response, User, envelope};

/// Three users of a domain; the first owns a group that the second is in, and has a contact in the address book.
pub(super) struct Setup {
    pub(super) kandy: Kandy,
    pub(super) account: String,
    pub(super) domain: Domain,
    pub(super) russ: User,
    pub(super) anna: User,
    pub(super) bert: User,
    pub(super) group: String,
}

impl Setup {
    pub(super) async fn new() -> Self {
        let kandy = Kandy::start();
        let account = kandy.account_token().await;
        let domain = kandy.domain("example.com").await;
        let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
        let bert = kandy.user(&domain, "bert").await;
        let friends = NewGroup::new("Friends").owner(&russ.full_id).member(&anna.full_id);
        let group = kandy.emulator.create_group(friends).expect("a group");
        let contact = Contact { number: Some("+14055671234".into()), ..Contact::default() };
        kandy.emulator.add_contact(&russ.device, contact).expect("the device exists");
        Self { kandy, account, domain, russ, anna, bert, group }
    }

    async fn ask(&self, Ask { method, path, query, body }: &Ask) -> Response {
        let mut request = self.kandy.http.request(method.clone(), self.kandy.url(path)).query(query);
        if let Some(body) = body {
            request = request.json(body);
        }
        match OPERATIONS.iter().find(|operation| operation.path == *path && operation.method == *method) {
            Some(operation) => self.kandy.send(operation.id, request).await,
            None => envelope(request).await,
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    method: Method,
    path: &'static str,
    query: Vec<(String, String)>,
    body: Option<Value>,
}

fn ask(method: Method, path: &'static str, query: &[(&str, &str)]) -> Ask {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ask { method, path, query, body: None }
}

pub(super) fn get(path: &'static str, query: &[(&str, &str)]) -> Ask {
    ask(Method::GET, path, query)
}

pub(super) fn post(path: &'static str, query: &[(&str, &str)]) -> Ask {
    ask(Method::POST, path, query)
}

pub(super) fn put(path: &'static str, query: &[(&str, &str)]) -> Ask {
    ask(Method::PUT, path, query)
}

pub(super) fn delete(path: &'static str, query: &[(&str, &str)]) -> Ask {
    ask(Method::DELETE, path, query)
}

impl Ask {
    pub(super) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// The expected value at a path of a response.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    Is(Value),
    Something,
    Nothing,
}

impl Seen {
    fn fits(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Is(expected) => value == Some(expected),
            Self::Something => value.is_some_and(|value| !value.is_null()),
            Self::Nothing => value.is_none(),
        }
    }
}

/// One side of a disagreement.
pub(super) struct Row {
    /// The number of the disagreement, and a description of this side.
    pub(super) says: &'static str,
    given: Vec<Ask>,
    asked: Ask,
    http: u16,
    status: i64,
    answers: Vec<(&'static str, Seen)>,
    then: Vec<(Ask, &'static str, Seen)>,
}

/// Creates a row whose request is expected to succeed.
pub(super) fn row(says: &'static str, asked: Ask) -> Row {
    Row { says, given: Vec::new(), asked, http: 200, status: 0, answers: Vec::new(), then: Vec::new() }
}

impl Row {
    /// Adds a request to send before.
    pub(super) fn given(mut self, asked: Ask) -> Self {
        self.given.push(asked);
        self
    }

    /// Expects a refusal with this status and HTTP 200.
    pub(super) fn refused(self, status: i64) -> Self {
        Self { status, ..self }
    }

    /// Expects an unknown request.
    pub(super) fn unknown(self, http: u16) -> Self {
        Self { http, status: 18, ..self }
    }

    /// Expects a value in the response.
    pub(super) fn answers(mut self, at: &'static str, seen: Seen) -> Self {
        self.answers.push((at, seen));
        self
    }

    /// Expects a value in the response of a later request.
    pub(super) fn then(mut self, asked: Ask, at: &'static str, seen: Seen) -> Self {
        self.then.push((asked, at, seen));
        self
    }

    pub(super) fn number(&self) -> u32 {
        self.says.split(':').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Sends the requests, and returns the unmet expectations.
    pub(super) async fn problems(&self, setup: &Setup) -> Vec<String> {
        let mut problems = Vec::new();
        for asked in &self.given {
            let response = setup.ask(asked).await;
            if response.status() != 0 {
                problems.push(format!("{}: before, {}", self.says, response.json));
            }
        }
        let response = setup.ask(&self.asked).await;
        if (response.http, response.status()) != (self.http, self.status) {
            problems.push(format!("{}: HTTP {} and {}", self.says, response.http, response.json));
        }
        for (at, seen) in &self.answers {
            if !seen.fits(response.json.pointer(at)) {
                problems.push(format!("{}: {at} is not {seen:?} in {}", self.says, response.json));
            }
        }
        for (asked, at, seen) in &self.then {
            let response = setup.ask(asked).await;
            if !seen.fits(response.json.pointer(at)) {
                problems.push(format!("{}: then {at} is not {seen:?} in {}", self.says, response.json));
            }
        }
        problems
    }
}
