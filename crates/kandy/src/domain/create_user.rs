//! The builders that create users, by user id or by phone number, and [`NewUser`] for bulk work. Depends on `check` and
//! `pipeline`.

use kandy_sys::{Call, Client, Envelope, Secret, types};

use crate::{
    ApiKey, ApiSecret, FullUserId, Result, User, UserId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

/// Defines the optional details of a new user. `$body` is the path to the raw user in the builder.
macro_rules! optional_details {
    ($name:ident, $($body:ident).+) => {
        impl $name {
            /// Sets the first name.
            pub fn first_name(mut self, first_name: impl Into<String>) -> Self {
                self.$($body).+.user_first_name = Some(first_name.into());
                self
            }

            /// Sets the last name.
            pub fn last_name(mut self, last_name: impl Into<String>) -> Self {
                self.$($body).+.user_last_name = Some(last_name.into());
                self
            }

            /// Sets the mail address.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.$($body).+.user_email = Some(email.into());
                self
            }

            /// Sets the password: 8 to 20 characters with at least one letter and two digits. Besides these,
            /// `! @ ( ) & ' - . , ? ^ _` are allowed. Without it the service generates one.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.$($body).+.user_password = Some(password.into());
                self
            }
        }
    };
}

/// Defines the optional country of a new user with a chosen user id. With a phone number, the country is required.
macro_rules! optional_country {
    ($name:ident, $($body:ident).+) => {
        impl $name {
            /// Sets the country: two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`).
            pub fn country_code(mut self, country_code: impl Into<String>) -> Self {
                self.$($body).+.user_country_code = Some(country_code.into());
                self
            }
        }
    };
}

/// A user to create in bulk: see [`Domain::create_users`](crate::Domain::create_users).
///
/// ```
/// let russ = kandy::NewUser::new("russ").country_code("US").email("russ@example.com");
/// assert_eq!(russ.user_id().as_str(), "russ");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a user is created by `Domain::create_users` only"]
pub struct NewUser {
    user_id: UserId,
    body: types::UserCreate,
}

impl NewUser {
    /// Describes a user with this id.
    pub fn new(user_id: impl Into<UserId>) -> Self {
        let user_id = user_id.into();
        let body = types::UserCreate {
            user_id: user_id.to_string(),
            user_country_code: None,
            user_email: None,
            user_first_name: None,
            user_last_name: None,
            user_password: None,
        };
        Self { user_id, body }
    }

    /// Returns the user id.
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }
}

optional_details!(NewUser, body);
optional_country!(NewUser, body);

impl<I: Into<UserId>> From<I> for NewUser {
    fn from(user_id: I) -> Self {
        Self::new(user_id)
    }
}

/// Builder for [`Domain::create_user`](crate::Domain::create_user).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateUser {
    call: CallContext,
    user: NewUser,
}

impl CreateUser {
    pub(super) fn new(call: CallContext, user: NewUser) -> Self {
        Self { call, user }
    }

    pub(super) fn into_user(self) -> NewUser {
        self.user
    }
}

optional_details!(CreateUser, user.body);
optional_country!(CreateUser, user.body);
request!(CreateUser => CreatedUser);

impl CallSpec for CreateUser {
    type Response = Envelope<Option<types::UserCreated>>;
    type Output = CreatedUser;

    fn subject(&self) -> String {
        format!("user {:?}", self.user.user_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let NewUser { user_id, body } = &self.user;
        check::user_id("user_id", user_id)?;
        if let Some(country_code) = &body.user_country_code {
            check::country_code("country_code", country_code)?;
        }
        if let Some(password) = &body.user_password {
            check::new_password("password", password)?;
        }
        Ok(api.user_create(body))
    }

    fn read(&self, created: Decoded<Self::Response>) -> Result<CreatedUser> {
        // The documented response has no result. The id is known all the same, because the caller chose it.
        let mut created: CreatedUser = created.unwrap_or_default().into();
        created.user_id.get_or_insert_with(|| self.user.user_id.clone());
        Ok(created)
    }
}

/// Builder for [`Domain::create_user_by_phone`](crate::Domain::create_user_by_phone).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateUserByPhone {
    call: CallContext,
    body: types::UserCreateByPhoneNumber,
}

impl CreateUserByPhone {
    pub(super) fn new(call: CallContext, user_phone_number: String, user_country_code: String) -> Self {
        Self {
            call,
            body: types::UserCreateByPhoneNumber {
                user_phone_number,
                user_country_code,
                user_email: None,
                user_first_name: None,
                user_last_name: None,
                user_password: None,
            },
        }
    }
}

optional_details!(CreateUserByPhone, body);
request!(CreateUserByPhone => CreatedUser);

impl CallSpec for CreateUserByPhone {
    type Response = Envelope<Option<types::UserCreated>>;
    type Output = CreatedUser;

    fn subject(&self) -> String {
        format!("phone number {:?}", self.body.user_phone_number)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::phone_number("phone_number", &self.body.user_phone_number)?;
        let plan = check::numbering_plan("country_code", &self.body.user_country_code)?;
        let user_phone_number = check::national_number("phone_number", &self.body.user_phone_number, plan)?;
        if let Some(password) = &self.body.user_password {
            check::new_password("password", password)?;
        }
        // Only the number is normalised. The country is sent as given: the service accepts letters and codes.
        let body = types::UserCreateByPhoneNumber { user_phone_number, ..self.body.clone() };
        Ok(api.user_create_by_phone_number(&body))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<CreatedUser> {
        Ok(result.unwrap_or_default().into())
    }
}

/// A user that was just created.
///
/// The documentation shows a response without any of these fields; the live service has been seen to return all of
/// them.
///
/// It is serialised without its credentials: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedUser {
    /// The user id; always set if it was chosen by the caller.
    pub user_id: Option<UserId>,
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// The password, chosen or generated.
    pub password: Option<Secret>,
    /// The API key.
    pub api_key: Option<ApiKey<User>>,
    /// The API secret.
    pub api_secret: Option<ApiSecret<User>>,
}

value! {
    CreatedUser as UserCreated {
        user_id: user_id,
        full_user_id: full_user_id,
        domain_name: domain_name,
        password: user_password,
        api_key: user_api_key,
        api_secret: user_api_secret,
    }
}

from_generated!(CreatedUser as UserCreated);
