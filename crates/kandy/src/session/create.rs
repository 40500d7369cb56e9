//! [`CreateSession`], and how a user is shown to the other participants, which joining sets, too. Depends on the
//! pipeline.

use kandy_sys::{Call, Client, Envelope, ExtraFields, types};

use crate::{
    Error, Result, SessionId,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value as _, value},
};

/// Implements the setters of how a user is shown to the other participants, for creating and for joining a session.
macro_rules! shown_as {
    ($builder:ident) => {
        impl $builder {
            /// Sets the nickname that the other participants see.
            pub fn nickname(mut self, nickname: impl Into<String>) -> Self {
                self.body.user_nickname = Some(nickname.into());
                self
            }

            /// Sets the first name that the other participants see.
            pub fn first_name(mut self, first_name: impl Into<String>) -> Self {
                self.body.user_first_name = Some(first_name.into());
                self
            }

            /// Sets the last name that the other participants see.
            pub fn last_name(mut self, last_name: impl Into<String>) -> Self {
                self.body.user_last_name = Some(last_name.into());
                self
            }

            /// Sets the phone number that the other participants see, in any form.
            pub fn phone_number(mut self, phone_number: impl Into<String>) -> Self {
                self.body.user_phone_number = Some(phone_number.into());
                self
            }

            /// Sets the mail address that the other participants see.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.body.user_email = Some(email.into());
                self
            }
        }
    };
}

pub(super) use shown_as;

/// Builder for [`User::create_session`](crate::User::create_session).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateSession {
    call: CallContext,
    body: types::SessionCreate,
}

impl CreateSession {
    pub(super) fn new(call: CallContext) -> Self {
        Self { call, body: types::SessionCreate::default() }
    }

    /// Sets the type of the session, such as `support` or `cobrowsing`.
    pub fn session_type(mut self, session_type: impl Into<String>) -> Self {
        self.body.session_type = Some(session_type.into());
        self
    }

    /// Sets the name of the session.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.body.session_name = Some(name.into());
        self
    }

    /// Sets the description of the session.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.body.session_description = Some(description.into());
        self
    }
}

shown_as!(CreateSession);
request!(CreateSession => CreatedSession);

impl CallSpec for CreateSession {
    type Response = Envelope<types::SessionCreated>;
    type Output = CreatedSession;

    fn subject(&self) -> String {
        match &self.body.session_name {
            Some(name) => format!("session {name:?}"),
            None => "a session without a name".to_owned(),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.session_create(&self.body))
    }

    fn read(&self, created: Decoded<Self::Response>) -> Result<CreatedSession> {
        CreatedSession::read(created, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// A session that was just created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedSession {
    /// The id, for [`User::session`](crate::User::session).
    pub session_id: SessionId,
    /// Other fields, in the service's spelling.
    pub extra: ExtraFields,
}

impl CreatedSession {
    /// Returns a new session, as a test needs it.
    ///
    /// ```
    /// assert_eq!(kandy::CreatedSession::new("0af3").session_id, "0af3");
    /// ```
    pub fn new(session_id: impl Into<SessionId>) -> Self {
        Self { session_id: session_id.into(), extra: ExtraFields::default() }
    }
}

value! {
    CreatedSession as SessionCreated {
        session_id: session_id,
        extra: extra,
    }
}
