//! The blocking API has a form of every builder and of every method of a handle, and follows from the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::support::{copy, read};
use kandy_checkout::expect_root;
use quote::quote;
use syn::{ImplItem, Item, ReturnType, Type, Visibility};
use xtask::{Output, blocking};

const CRATE: &str = "crates/kandy/src";

/// Methods that are those of an iterator in the blocking API.
const OF_ITERATORS: [&str; 2] = ["next", "try_next"];

#[test]
fn committed_files_are_up_to_date() {
    let outputs = blocking::generate(&expect_root()).expect("the committed sources");
    for output in &outputs {
        assert!(output.text == read(&output.path), "{} is stale; run `cargo xtask generate`", output.path);
    }
    let files = fs::read_dir(expect_root().join(blocking::GENERATED)).expect("a folder").count();
    assert_eq!(files, outputs.len(), "{} holds other files", blocking::GENERATED);
}

/// The public methods of one type.
#[derive(Default)]
struct Methods {
    /// Each with the name of the type that it returns, and whether it is async.
    methods: BTreeMap<String, (String, bool)>,
    is_defined: bool,
    is_iterator: bool,
}

/// The public types of some sources with their methods, and the builders.
#[derive(Default)]
struct Found {
    types: BTreeMap<String, Methods>,
    builders: BTreeSet<String>,
}

/// Reads all sources below a folder, but for one folder. What macros define is not seen.
fn find(folder: &Path, without: &str, found: &mut Found) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with(without) {
            find(&path, without, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            for item in syn::parse_file(&text).expect("Rust").items {
                add(item, found);
            }
        }
    }
}

fn name_of(named: &Type) -> String {
    match named {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn add(item: Item, found: &mut Found) {
    match item {
        Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => {
            found.types.entry(item.ident.to_string()).or_default().is_defined = true;
        }
        Item::Macro(item) if ["request", "builder"].iter().any(|name| item.mac.path.is_ident(name)) => {
            found.builders.extend(item.mac.tokens.into_iter().next().map(|name| name.to_string()));
        }
        Item::Impl(block) => {
            let methods = found.types.entry(name_of(&block.self_ty)).or_default();
            if let Some((path, _)) = &block.trait_ {
                methods.is_iterator |= path.segments.last().is_some_and(|last| last.ident == "Iterator");
                return;
            }
            for item in block.items {
                let ImplItem::Fn(function) = item else { continue };
                // Items that arrive over time are a stream; the form takes an iterator, by the method without `_from`.
                let (inputs, bounds) = (&function.sig.inputs, &function.sig.generics.where_clause);
                let takes_stream = quote!(#inputs #bounds).to_string().contains("Stream <");
                if matches!(function.vis, Visibility::Public(_)) && !takes_stream {
                    let returned = match &function.sig.output {
                        ReturnType::Type(_, returned) => name_of(returned),
                        ReturnType::Default => String::new(),
                    };
                    let is_async = function.sig.asyncness.is_some();
                    methods.methods.insert(function.sig.ident.to_string(), (returned, is_async));
                }
            }
        }
        _ => {}
    }
}

#[test]
fn every_builder_and_every_method_of_a_handle_has_its_form() {
    let root = expect_root().join(CRATE);
    let (mut asynchronous, mut blocking) = (Found::default(), Found::default());
    find(&root, "blocking", &mut asynchronous);
    find(&root.join("blocking"), "none", &mut blocking);
    // A list that is read while it arrives is no stream there.
    let renamed = |name: &str| match name {
        "ListStream" => "ListIter".to_owned(),
        "stream" => "iter".to_owned(),
        // Files and contents are shared by both; their functions that wait have a second name.
        "open" | "upload" => format!("blocking_{name}"),
        name => name.to_owned(),
    };

    assert!(asynchronous.builders.len() > 80, "{} builders", asynchronous.builders.len());
    assert_eq!(asynchronous.builders, blocking.builders);

    let mut count = 0;
    for (name, Methods { methods, .. }) in &asynchronous.types {
        let form = blocking.types.get(&renamed(name));
        let is_defined = |name: &str| blocking.types.get(&renamed(name)).is_some_and(|found| found.is_defined);
        for (method, (returned, is_async)) in methods {
            let needs_form = *is_async || is_defined(returned) || is_defined(name);
            // What sets up the asynchronous client, and what the tests of programs use.
            if !needs_form || ["KandyBuilder", "MockService"].contains(&name.as_str()) {
                continue;
            }
            count += 1;
            let Some(form) = form else { panic!("{name}::{method} needs a blocking form of {name}") };
            let has_form = form.methods.contains_key(method)
                || form.methods.contains_key(&renamed(method))
                || (form.is_iterator && OF_ITERATORS.contains(&method.as_str()));
            assert!(has_form, "{name}::{method} has no blocking form");
            assert!(!form.methods.get(method).is_some_and(|(_, is_async)| *is_async), "{name}::{method} is async");
        }
    }
    assert!(count > 200, "only {count} methods");
}

/// Generates from the sources of the crate, one of which is changed.
fn generate(file: &str, change: impl FnOnce(String) -> String) -> Result<Vec<Output>, String> {
    let clone = tempfile::tempdir().expect("a folder");
    copy(&expect_root().join(CRATE), &clone.path().join(CRATE));
    let file = clone.path().join(CRATE).join(file);
    let changed = change(fs::read_to_string(&file).expect("a text"));
    fs::write(file, changed).expect("it is written");
    blocking::generate(clone.path()).map_err(|error| error.to_string())
}

const NEW_METHOD: &str = r#"
impl Device {
    /// Sends a fax. See [`SendFax`] and [`Error::Api`].
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let pages = phone.send_fax("+1").resolution(3).await?;
    /// # Ok(()) }
    /// ```
    pub fn send_fax<I>(&self, mut to: I, id: impl Into<DeviceId>) -> SendFax where I: Into<PhoneNumber> { todo!() }
}

/// Builder for [`Device::send_fax`].
#[derive(Clone, Debug)]
pub struct SendFax {}

impl SendFax {
    /// Sets the resolution.
    pub fn resolution(mut self, resolution: u8) -> Self { todo!() }
}

request!(SendFax => Vec<Option<MessageId>>);
"#;

#[test]
fn a_new_builder_has_its_form_without_another_line() {
    let outputs = generate("device.rs", |text| text + NEW_METHOD).expect("forms that are known");
    let device = outputs.iter().find(|output| output.path.ends_with("/device.rs")).expect("a file");
    // Ignore line breaks, which depend on the length of lines.
    let squeezed = device.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "/// Sends a fax. See [`SendFax`](crate::blocking::SendFax) and [`Error::Api`](crate::Error::Api).",
        "# fn example(phone: kandy::blocking::Device) -> kandy::Result<()> {",
        "let pages = phone.send_fax(\"+1\").resolution(3).send()?;",
        "pub fn send_fax<I>(&self, to: I, id: impl Into<crate::DeviceId>) -> SendFax where I: Into<crate::PhoneNumber>, \
         { SendFax::of(self.inner.send_fax(to, id), self.runtime.clone()) }",
        "pub fn resolution(self, resolution: u8) -> Self { Self::of(self.inner.resolution(resolution), self.runtime) }",
        "builder!(SendFax => Vec < Option < crate ::MessageId > >);",
    ] {
        assert!(squeezed.contains(part), "{} has no {part:?}", device.path);
    }
    let module = outputs.iter().find(|output| output.path.ends_with("/mod.rs")).expect("a file");
    assert!(module.text.contains("SendFax"), "it is exported");
}

#[test]
fn a_method_without_a_form_is_an_error_that_names_it() {
    let method = "impl Device { pub fn last_sms(&self) -> Option<SendSms> { None } }";
    let error = generate("device.rs", |text| text + method).err().expect("no form");
    assert!(error.contains("Device::last_sms") && error.contains("no blocking form"), "{error}");
}

#[test]
fn examples_have_no_async_code() {
    for output in blocking::generate(&expect_root()).expect("the committed sources") {
        let lines = output.text.lines().filter(|line| !line.contains("example with `await`"));
        for line in lines.filter(|line| line.trim_start().starts_with("///")) {
            assert!(!line.contains("await") && !line.contains("async "), "{}: {line}", output.path);
        }
    }
}
