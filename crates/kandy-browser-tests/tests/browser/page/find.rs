//! Finds elements by role and accessible name, in the accessibility tree of the browser: what it does not tell to a screen reader
//! is not found.

use chromiumoxide::cdp::{
    browser_protocol::{
        accessibility::QueryAxTreeParams,
        dom::{BackendNodeId, GetDocumentParams, ResolveNodeParams},
    },
    js_protocol::runtime::{CallArgument, CallFunctionOnParams, RemoteObjectId},
};
use serde_json::Value;

use super::{GIVE_UP_MS, Page};

/// An element of a page. One that the page replaced by another is stale: what is done with it fails.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) id: BackendNodeId,
    pub(crate) name: String,
}

impl Page {
    /// Waits for an element with this role and name. The first one counts, if there are several.
    pub(crate) async fn find(&self, role: &str, name: &str) -> Element {
        let is_named = |element: &Element| element.name == name;
        self.find_where(&format!("the {role} {name:?}"), role, is_named).await
    }

    /// Waits for an element whose name has this part.
    pub(crate) async fn find_like(&self, role: &str, part: &str) -> Element {
        let is_named = |element: &Element| element.name.contains(part);
        self.find_where(&format!("a {role} with {part:?}"), role, is_named).await
    }

    /// All elements with this role, in the order of the document.
    pub(crate) async fn all(&self, role: &str) -> Vec<Element> {
        self.query(role).await.unwrap_or_default()
    }

    async fn find_where(&self, what: &str, role: &str, is_named: impl Fn(&Element) -> bool) -> Element {
        let mut found = Vec::new();
        let begun = std::time::Instant::now();
        while begun.elapsed().as_millis() < GIVE_UP_MS.into() {
            found = self.query(role).await.unwrap_or_default();
            if let Some(element) = found.iter().find(|element| is_named(element)) {
                return element.clone();
            }
            self.frame().await;
        }
        let names: Vec<_> = found.iter().map(|element| &element.name).collect();
        self.fail(what, &format!("it was not seen, only {names:?}")).await
    }

    /// The elements with a role in the document.
    async fn query(&self, role: &str) -> Result<Vec<Element>, String> {
        let document = self.page.execute(GetDocumentParams::builder().depth(0).build()).await;
        let root = document.map_err(|error| error.to_string())?.result.root.backend_node_id;
        let params = QueryAxTreeParams::builder().backend_node_id(root).role(role).build();
        let found = self.page.execute(params).await.map_err(|error| error.to_string())?.result.nodes;
        let nodes = found.into_iter().filter(|node| !node.ignored);
        Ok(nodes
            .filter_map(|node| {
                let name = node.name.and_then(|name| name.value);
                let name = name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                Some(Element { id: node.backend_dom_node_id?, name })
            })
            .collect())
    }

    /// Calls a function with an element as `this`.
    pub(crate) async fn call_on(
        &self,
        element: &Element,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, String> {
        let object = self.object(element).await?;
        let arguments = arguments.iter().map(|argument| CallArgument::builder().value(argument.clone()).build());
        let params = CallFunctionOnParams::builder()
            .object_id(object)
            .function_declaration(function)
            .arguments(arguments)
            .await_promise(true)
            .return_by_value(true);
        let done =
            self.page.execute(params.build().expect("complete")).await.map_err(|error| error.to_string())?.result;
        match done.exception_details {
            None => Ok(done.result.value.unwrap_or_default()),
            Some(thrown) => Err(thrown.exception.and_then(|it| it.description).unwrap_or(thrown.text)),
        }
    }

    /// The text of an element, as it can be seen.
    pub(crate) async fn text_of(&self, element: &Element) -> String {
        let text = self.call_on(element, "function() { return this.innerText; }", &[]).await;
        text.unwrap_or_else(|error| panic!("{element:?}: {error}")).as_str().unwrap_or_default().to_owned()
    }

    async fn object(&self, element: &Element) -> Result<RemoteObjectId, String> {
        let params = ResolveNodeParams::builder().backend_node_id(element.id).build();
        let resolved = self.page.execute(params).await.map_err(|error| error.to_string())?;
        resolved.result.object.object_id.clone().ok_or_else(|| "it is no object".to_owned())
    }
}
