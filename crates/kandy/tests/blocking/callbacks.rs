//! Code of the caller that runs on the thread of the client, and that on its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, mpsc},
};

use kandy::{Attachment, CallEvent, Observer, Sms, blocking::Kandy};
use kandy_emulator::Emulator;

use crate::{client, domain, user};

/// Returns the text of a panic.
fn panic_of<T>(code: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(code)).err().expect("it panics");
    panic.downcast_ref::<&str>().map(ToString::to_string).expect("a text")
}

#[test]
fn a_panic_of_the_caller_reaches_the_caller_and_ends_nothing_else() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let (_, phone) = user(&domain, "russ").expect("a user");
    // It is called by the task of the connection, which it ends.
    let upload = phone.upload(Attachment::new("a.txt", "text")).progress(|_| panic!("of the progress"));
    assert!(upload.send().is_err_and(|error| error.may_have_been_applied()));
    let mut outcomes = phone.send_many_sms(std::iter::from_fn(|| panic!("of the items")));
    assert_eq!(panic_of(|| outcomes.next()), "of the items");
    assert_eq!(panic_of(|| kandy.block_on(async { panic!("of the future") })), "of the future");
    let observed = Kandy::builder().base_url(emulator.base_url()).observer(PanickingObserver).build_blocking();
    let observed = observed.expect("a client").account(emulator.account_key(), emulator.account_secret());
    for _ in 0..2 {
        assert_eq!(panic_of(|| observed.domains().send()), "of the observer");
    }
    phone.send_sms("+12245556666", "Hello").send().expect("the client works");
}

#[derive(Debug)]
struct PanickingObserver;

impl Observer for PanickingObserver {
    fn call_finished(&self, _: &CallEvent<'_>) {
        panic!("of the observer");
    }
}

#[test]
fn items_may_come_from_a_call_of_the_same_client() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let (_, phone) = user(&domain, "russ").expect("a user");
    let users = domain.users().iter().map(|user| Sms::new("+12245556666", user.expect("a user").user_id.as_str()));
    assert!(phone.send_many_sms(users).all(|outcome| outcome.result.is_ok()));
    assert_eq!(emulator.sms()[0].text, "russ");
}

/// Calls a client from its observer.
#[derive(Debug, Default)]
struct CallingObserver {
    kandy: OnceLock<Kandy>,
    errors: Arc<Mutex<Vec<String>>>,
}

impl Observer for CallingObserver {
    fn call_finished(&self, _: &CallEvent<'_>) {
        let Some(kandy) = self.kandy.get() else { return };
        let phone = kandy.user_with_token("UAT-token").device("A149");
        let mut errors = self.errors.lock().expect("no panic");
        errors.extend(phone.send_sms("+12245556666", "Hello").send().err().map(|error| error.to_string()));
        // Each item comes back with the error, so none is lost in silence.
        let outcomes = phone.send_many_sms(["one", "two"].map(|text| Sms::new("+12245556666", text)));
        errors.extend(outcomes.map(|outcome| format!("{} {:?}", outcome.position, outcome.result.is_err())));
        errors.extend(phone.messages().iter().take(2).map(|message| format!("inbox {:?}", message.is_err())));
    }
}

#[test]
fn a_call_on_the_thread_of_the_client_is_an_error_and_not_a_deadlock() {
    let emulator = Emulator::start().expect("a free port");
    let observer = Arc::new(CallingObserver::default());
    let kandy = Kandy::builder().base_url(emulator.base_url()).observer(Shared(observer.clone()));
    let kandy = kandy.build_blocking().expect("a client");
    observer.kandy.set(kandy.clone()).unwrap_or_else(|_| panic!("set once"));
    kandy.account(emulator.account_key(), emulator.account_secret()).domains().send().expect("a list");
    let errors = observer.errors.lock().expect("no panic");
    assert!(errors[0].contains("would wait for itself"), "{errors:?}");
    assert_eq!(errors[1..4], ["0 true", "1 true", "inbox true"]);
    assert!(emulator.sms().is_empty());
}

#[derive(Debug)]
struct Shared(Arc<CallingObserver>);

impl Observer for Shared {
    fn call_finished(&self, call: &CallEvent<'_>) {
        self.0.call_finished(call);
    }
}

#[test]
fn a_reader_that_waits_does_not_stop_other_calls() {
    /// A reader of one byte for each message, which the test sends.
    struct Waiting(mpsc::Receiver<u8>);

    impl std::io::Read for Waiting {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.recv() {
                Ok(byte) => {
                    buffer[0] = byte;
                    Ok(1)
                }
                Err(_) => Ok(0),
            }
        }
    }

    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let (_, phone) = user(&domain, "russ").expect("a user");
    let (bytes, reader) = mpsc::channel();
    let upload = phone.upload(Attachment::reader("a.txt", Some(3), Waiting(reader))).start();
    for byte in *b"abc" {
        assert_eq!(domain.users().send().expect("another call").len(), 1);
        bytes.send(byte).expect("it is read");
    }
    drop(bytes);
    let content_id = upload.wait().expect("uploaded").content_id;
    assert_eq!(&phone.download(content_id).send().expect("a file").bytes(3).expect("its bytes")[..], b"abc");
}
