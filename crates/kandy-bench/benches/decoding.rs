//! Decoding of responses by the generated types and by handwritten ones.
#![forbid(unsafe_code)]

use divan::{Bencher, black_box, counter::BytesCount};
use kandy_bench::{
    canned::{Order, Users},
    handwritten,
};
use kandy_sys::{Operation, types};
use serde::de::DeserializeOwned;

fn main() {
    divan::main();
}

fn decode<T: DeserializeOwned>(bencher: Bencher<'_, '_>, body: &[u8]) {
    let bencher = bencher.counter(BytesCount::of_slice(body));
    bencher.bench(|| serde_json::from_slice::<T>(black_box(body)).expect("a response"));
}

#[divan::bench_group(sample_size = 64, sample_count = 500)]
mod one_user {
    use super::*;

    fn body() -> &'static [u8] {
        Operation::find("user_get").map_or("", |operation| operation.example).as_bytes()
    }

    #[divan::bench]
    fn generated(bencher: Bencher<'_, '_>) {
        decode::<kandy_sys::Envelope<types::UserDetails>>(bencher, body());
    }

    #[divan::bench]
    fn handwritten(bencher: Bencher<'_, '_>) {
        decode::<handwritten::Envelope<handwritten::UserResponse>>(bencher, body());
    }
}

#[divan::bench_group(sample_size = 1, sample_count = 500)]
mod thousand_users {
    use super::*;

    fn body(order: Order) -> Vec<u8> {
        Users { order, number: 1_000 }.body()
    }

    #[divan::bench]
    fn generated_status_first(bencher: Bencher<'_, '_>) {
        decode::<kandy_sys::Envelope<types::UserList>>(bencher, &body(Order::StatusFirst));
    }

    #[divan::bench]
    fn generated_result_first(bencher: Bencher<'_, '_>) {
        decode::<kandy_sys::Envelope<types::UserList>>(bencher, &body(Order::ResultFirst));
    }

    #[divan::bench]
    fn handwritten_status_first(bencher: Bencher<'_, '_>) {
        decode::<handwritten::Envelope<handwritten::UserList>>(bencher, &body(Order::StatusFirst));
    }

    #[divan::bench]
    fn handwritten_result_first(bencher: Bencher<'_, '_>) {
        decode::<handwritten::Envelope<handwritten::UserList>>(bencher, &body(Order::ResultFirst));
    }
}
