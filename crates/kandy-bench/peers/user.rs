//! What a program checks in the response, so that its client has to decode it.

use std::hint::black_box;

use crate::{
    protocol::BoxError,
    response::{Envelope, UserResponse},
};

/// Checks the status, and that there is a user.
pub fn check(envelope: Envelope<UserResponse>) -> Result<(), BoxError> {
    match (envelope.status, envelope.result) {
        (0, Some(result)) if !result.user.user_id.is_empty() => {
            black_box(result);
            Ok(())
        }
        (status, _) => Err(format!("status {status}: {}", envelope.message.unwrap_or_default()).into()),
    }
}
