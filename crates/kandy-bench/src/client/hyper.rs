//! The client on hyper alone: the lower bound.
//!
//! Depends on nothing.

use std::hint::black_box;

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{ClientUnderTest, DEVICE_ID, TOKEN, USER_API_KEY};
use crate::BoxError;

/// The lower bound: prepared URLs and bodies, and responses that are received and not decoded.
#[derive(Clone, Debug)]
pub struct Hyper {
    client: Client<HttpConnector, Full<Bytes>>,
    get: Uri,
    list: Uri,
    create: Uri,
    sms: Uri,
}

impl Hyper {
    async fn send(&self, method: Method, uri: &Uri, body: Bytes) -> Result<Bytes, BoxError> {
        let mut request = Request::builder().method(method).uri(uri.clone()).header(header::ACCEPT, "application/json");
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let response = self.client.request(request.body(Full::new(body))?).await?;
        Ok(response.into_body().collect().await?.to_bytes())
    }
}

impl ClientUnderTest for Hyper {
    fn at(base_url: &str) -> Result<Self, BoxError> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            get: format!("{base_url}/domains/users/details?user_api_key={USER_API_KEY}&key={TOKEN}").parse()?,
            list: format!("{base_url}/domains/users?key={TOKEN}").parse()?,
            create: format!("{base_url}/domains/users/user_id?key={TOKEN}").parse()?,
            sms: format!("{base_url}/devices/smss?device_id={DEVICE_ID}&key={TOKEN}").parse()?,
        })
    }

    async fn get(&self) -> Result<(), BoxError> {
        black_box(self.send(Method::GET, &self.get, Bytes::new()).await?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, BoxError> {
        Ok(black_box(self.send(Method::GET, &self.list, Bytes::new()).await?).len())
    }

    async fn create(&self, _: &str) -> Result<(), BoxError> {
        let body = r#"{"user_id":"russ","user_country_code":"US","user_email":"russ@example.com"}"#;
        black_box(self.send(Method::POST, &self.create, Bytes::from_static(body.as_bytes())).await?);
        Ok(())
    }

    async fn sms(&self) -> Result<(), BoxError> {
        let body = r#"{"message":{"source":"+11234567890","destination":"+12245556666","message":{"text":"Hello from Kandy!"}}}"#;
        black_box(self.send(Method::POST, &self.sms, Bytes::from_static(body.as_bytes())).await?);
        Ok(())
    }
}
