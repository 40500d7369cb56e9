//! Calls of operations by name, with arguments that are known only at run time. Begin with [`Client::dynamic`].

use serde_json::Value;

use crate::{
    Call, Client, Envelope, Operation, Upload,
    dynamic_call_error::{BodyKind, DynamicCallError},
    operation::{Parameter, RequestBody},
};

/// Builder for a raw [`Call`] of any operation, for programs that know the operation and its arguments only at run time.
///
/// It checks the parameters and the body against the [table of operations](crate::OPERATIONS): the names, the required
/// parameters, and the kind of body. It does not check the content of the body.
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
#[must_use = "`into_call` returns the call"]
pub struct DynamicCall<'a> {
    client: &'a Client,
    operation: &'static Operation,
    parameters: Vec<(&'static str, String)>,
    body: DynamicBody,
}

/// The body that was set.
#[derive(Clone)]
enum DynamicBody {
    Nothing,
    Json(Value),
    File(Upload),
}

impl Client {
    /// Returns a builder for a call of any operation.
    ///
    /// ```
    /// use kandy_sys::{Client, Operation};
    /// use serde_json::json;
    ///
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let operation = Operation::find("device_create").expect("part of the API");
    /// let body = json!({"device_native_id": "12345678901234"});
    /// let response = client.dynamic(operation).json(body).into_call()?.await?;
    /// println!("{}", response.into_inner().into_result()?["device_id"]);
    /// # Ok(()) }
    /// ```
    pub fn dynamic(&self, operation: &'static Operation) -> DynamicCall<'_> {
        DynamicCall { client: self, operation, parameters: Vec::new(), body: DynamicBody::Nothing }
    }
}

impl<'a> DynamicCall<'a> {
    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Sets a query parameter. `key` is not a parameter where it holds an access token, because the transport adds it.
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

    /// Sets the body to JSON, and replaces any other body.
    pub fn json(mut self, body: Value) -> Self {
        self.body = DynamicBody::Json(body);
        self
    }

    /// Sets the body to a file, and replaces any other body.
    pub fn file(mut self, file: Upload) -> Self {
        self.body = DynamicBody::File(file);
        self
    }

    /// Returns the call. If the response is a file, decode it with [`read_as`](Call::read_as) a
    /// [`ByteStream`](crate::ByteStream).
    ///
    /// The parameters are sent in alphabetical order, as by all raw calls.
    ///
    /// # Errors
    ///
    /// When a required parameter is missing, or the body is not of the kind that the operation accepts.
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
            (RequestBody::None, DynamicBody::Nothing) => Ok(call),
            (RequestBody::Json(_), DynamicBody::Json(body)) => Ok(call.json(&body)),
            (RequestBody::File(_), DynamicBody::File(file)) => Ok(call.file(file)),
            (_, given) => Err(DynamicCallError::WrongBody { operation, given: given.kind() }),
        }
    }
}

impl DynamicBody {
    fn kind(&self) -> BodyKind {
        match self {
            Self::Nothing => BodyKind::None,
            Self::Json(_) => BodyKind::Json,
            Self::File(_) => BodyKind::File,
        }
    }
}

/// Only the names: a value may be a credential.
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
