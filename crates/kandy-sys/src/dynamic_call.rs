//! A call of any operation, by names and values that are known only when the program runs.

use serde_json::Value;

use crate::{
    Call, Client, Envelope, Operation, Upload,
    dynamic_call_error::{BodyKind, DynamicCallError},
    operation::{Parameter, RequestBody},
};

/// A raw call of any operation in the making, for programs that learn only while they run what to call and with what.
///
/// The parameters and the body are checked against the [table of operations](crate::OPERATIONS): their names, whether
/// all that is required is there, and what kind of body there has to be. What is in the body is not looked at.
///
/// ```
/// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL, Operation};
///
/// let client = Client::with_credential(&BaseUrl::new(DEFAULT_BASE_URL)?, "UAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
/// let operation = Operation::find("message_list").expect("part of the API");
/// let call = client.dynamic(operation).parameter("device_id", "A149")?.into_call()?;
/// // `call.await` sends it.
/// assert_eq!(call.into_request()?.query().collect::<Vec<_>>(), [("device_id", "A149")]);
///
/// let refused = client.dynamic(operation).into_call().unwrap_err();
/// assert_eq!(refused.to_string(), "message_list: the parameter `device_id` is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "it becomes a call by `into_call`"]
pub struct DynamicCall<'a> {
    client: &'a Client,
    operation: &'static Operation,
    parameters: Vec<(&'static str, String)>,
    body: Given,
}

/// The body that was given.
#[derive(Clone)]
enum Given {
    Nothing,
    Json(Value),
    File(Upload),
}

impl Client {
    /// A call of any operation, with nothing in it yet.
    ///
    /// ```
    /// use kandy_sys::{Client, Operation};
    /// use serde_json::json;
    ///
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let operation = Operation::find("device_create").expect("part of the API");
    /// let body = json!({"device_native_id": "12345678901234"});
    /// let answer = client.dynamic(operation).json(body).into_call()?.await?;
    /// println!("{}", answer.into_inner().into_result()?["device_id"]);
    /// # Ok(()) }
    /// ```
    pub fn dynamic(&self, operation: &'static Operation) -> DynamicCall<'_> {
        DynamicCall { client: self, operation, parameters: Vec::new(), body: Given::Nothing }
    }
}

impl<'a> DynamicCall<'a> {
    /// What is called.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Sets a parameter of the query. The parameter `key` is none where it holds an access token, which is put in on
    /// the way.
    ///
    /// ```
    /// use kandy_sys::{Client, Operation, DynamicCallError};
    ///
    /// # fn example(client: Client) {
    /// let operation = Operation::find("message_list").expect("part of the API");
    /// let refused = client.dynamic(operation).parameter("device", "A149").unwrap_err();
    /// assert!(matches!(refused, DynamicCallError::UnknownParameter { .. }));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the operation has no such parameter, or it is set already.
    pub fn parameter(mut self, name: &str, value: impl Into<String>) -> Result<Self, DynamicCallError> {
        let operation = self.operation;
        let Some(Parameter { name, .. }) = operation.parameters.iter().find(|known| known.name == name) else {
            return Err(DynamicCallError::unknown(operation, name));
        };
        if self.parameters.iter().any(|(set, _)| set == name) {
            return Err(DynamicCallError::RepeatedParameter { operation, name });
        }
        self.parameters.push((name, value.into()));
        Ok(self)
    }

    /// Sends JSON along, instead of what was to be sent before.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Given::Json(body);
        self
    }

    /// Sends a file along, instead of what was to be sent before.
    pub fn file(mut self, file: Upload) -> Self {
        self.body = Given::File(file);
        self
    }

    /// The call. An answer that is a file is read by [`read_as`](Call::read_as) a [`ByteStream`](crate::ByteStream).
    ///
    /// The parameters go out in alphabetical order, as those of all raw calls do.
    ///
    /// # Errors
    ///
    /// When a required parameter is missing, or the body is not of the kind that the operation takes.
    pub fn into_call(mut self) -> Result<Call<'a, Envelope<Value>>, DynamicCallError> {
        let operation = self.operation;
        let is_missing = |name: &str| self.parameters.iter().all(|(set, _)| *set != name);
        let required = operation.parameters.iter().filter(|known| known.required).map(|known| known.name);
        let missing: Vec<_> = required.filter(|name| is_missing(name)).collect();
        if !missing.is_empty() {
            return Err(DynamicCallError::MissingParameters { operation, names: missing });
        }
        self.parameters.sort_unstable_by_key(|(name, _)| *name);
        let call = self
            .parameters
            .into_iter()
            .fold(self.client.call(operation), |call, (name, value)| call.query(name, value));
        match (operation.body, self.body) {
            (RequestBody::None, Given::Nothing) => Ok(call),
            (RequestBody::Json(_), Given::Json(body)) => Ok(call.json(&body)),
            (RequestBody::File(_), Given::File(file)) => Ok(call.file(file)),
            (_, given) => Err(DynamicCallError::WrongBody { operation, given: given.kind() }),
        }
    }
}

impl Given {
    fn kind(&self) -> BodyKind {
        match self {
            Self::Nothing => BodyKind::None,
            Self::Json(_) => BodyKind::Json,
            Self::File(_) => BodyKind::File,
        }
    }
}

/// Names alone: what they are set to may be a credential.
impl std::fmt::Debug for DynamicCall<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("DynamicCall")
            .field("operation", &self.operation.id)
            .field("parameters", &names)
            .field("body", &self.body.kind())
            .finish_non_exhaustive()
    }
}
