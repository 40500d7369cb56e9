//! Integration tests of kandy-sys, in one binary so that they link once.
//!
//! ```text
//! spec              rules for the spec, and the operation table against it
//! spec_examples     every example against its schema and its type (feature `schemars`)
//! live_responses    shapes that live responses and the documentation show
//! raw_calls         requests and errors of generated calls, over real sockets
//! dynamic_call      calls by name against generated calls
//! files             uploads and downloads, over real sockets
//! mask_json         the masking of every example
//! response_masking  the masking of secrets that the service repeats
//! support           the spec, and a server that returns given bytes
//! ```

mod dynamic_call;
mod files;
mod live_responses;
mod mask_json;
mod raw_calls;
mod response_masking;
mod spec;
#[cfg(feature = "schemars")]
mod spec_examples;
mod support;
