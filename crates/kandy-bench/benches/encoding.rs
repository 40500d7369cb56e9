//! Encoding of requests by the generated calls and by handwritten code. A prepared response is decoded too, because a
//! call ends with it.
#![forbid(unsafe_code)]

use std::sync::{Arc, LazyLock};

use divan::{Bencher, black_box};
use kandy_bench::{
    client::{DEVICE_ID, TOKEN},
    handwritten::{Done, Envelope, NewUser, Sms, SmsBody, SmsText},
};
use kandy_sys::{BaseUrl, Body, BoxFuture, Client, Operation, Request, Secret, Transport, TransportFailure, types};
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

#[divan::bench_group(sample_size = 64, sample_count = 500)]
mod body {
    use super::*;

    #[divan::bench]
    fn user_generated() -> Vec<u8> {
        let user = types::UserCreate {
            user_country_code: Some("US".to_owned()),
            user_email: Some("russ@example.com".to_owned()),
            user_first_name: None,
            user_id: black_box("russ").to_owned(),
            user_last_name: None,
            user_password: None,
        };
        serde_json::to_vec(&user).expect("JSON")
    }

    #[divan::bench]
    fn user_handwritten() -> Vec<u8> {
        let user = NewUser { user_id: black_box("russ"), user_country_code: "US", user_email: "russ@example.com" };
        serde_json::to_vec(&user).expect("JSON")
    }

    #[divan::bench]
    fn sms_generated() -> Vec<u8> {
        let message = types::SmsText { text: black_box("Hello from Kandy!").to_owned() };
        let (source, destination) = (Some("+11234567890".to_owned()), "+12245556666".to_owned());
        serde_json::to_vec(&types::SmsSend { message: types::Sms { destination, message, source } }).expect("JSON")
    }

    #[divan::bench]
    fn sms_handwritten() -> Vec<u8> {
        let message = SmsText { text: black_box("Hello from Kandy!") };
        let message = Sms { source: "+11234567890", destination: "+12245556666", message };
        serde_json::to_vec(&SmsBody { message }).expect("JSON")
    }
}

/// A query with the ids of ten messages.
#[divan::bench_group(sample_size = 32, sample_count = 500)]
mod ten_ids {
    use super::*;

    static BASE_URL: LazyLock<BaseUrl> = LazyLock::new(|| BaseUrl::new("http://127.0.0.1/v1.2").expect("a URL"));

    /// Responds at once.
    struct Canned;

    impl Transport for Canned {
        fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
            let operation = request.operation();
            black_box(request.to_http(&BASE_URL, Some(&Secret::from(TOKEN))));
            Box::pin(async { Ok(http::Response::new(operation.example.into())) })
        }
    }

    fn ids() -> String {
        let ids: Vec<String> = (0..10).map(|id| format!("{id:032x}")).collect();
        serde_json::to_string(&ids).expect("JSON")
    }

    fn runtime() -> Runtime {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
    }

    #[divan::bench]
    fn generated(bencher: Bencher<'_, '_>) {
        let client = Client::with_transport(Arc::new(Canned));
        let (runtime, ids) = (runtime(), ids());
        bencher.bench(|| {
            runtime.block_on(client.message_delete(DEVICE_ID, &ids).into_future()).expect("a response").into_inner()
        });
    }

    #[divan::bench]
    fn handwritten(bencher: Bencher<'_, '_>) {
        let http = reqwest::Client::new();
        let (runtime, ids) = (runtime(), ids());
        let response = Operation::find("message_delete").map_or("", |operation| operation.example);
        bencher.bench(|| {
            runtime.block_on(async {
                let query = [("device_id", DEVICE_ID), ("messages", &ids), ("key", TOKEN)];
                let request = http.delete(format!("{}/devices/messages", "http://127.0.0.1/v1.2")).query(&query);
                black_box(request.header("accept", "application/json").build().expect("a request"));
                serde_json::from_slice::<Envelope<Done>>(response.as_bytes()).expect("a response")
            })
        });
    }
}
