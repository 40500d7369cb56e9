//! Replaces the body of a generated call by its request as data, read from the code that progenitor wrote. Begin with
//! [`rewrite`].

use quote::quote;
use syn::{
    Expr, ExprMethodCall, FnArg, ImplItemFn, PathArguments, Type, parse_quote,
    visit::{self, Visit},
};

/// Rewrites
///
/// ```text
/// async fn user_get<'a>(…) -> Result<ResponseValue<T>, Error<()>> {
///     … .query(&QueryParam::new("user_api_key", &user_api_key)).json(&body) …
/// }
/// ```
///
/// to
///
/// ```text
/// fn user_get<'a>(…) -> crate::Call<'a, T> {
///     self.call(const { Operation::named("user_get") }).query("user_api_key", user_api_key).json(body)
/// }
/// ```
///
/// With `form`, the body is a file, sent as the part with that name.
pub(super) fn rewrite(function: &mut ImplItemFn, form: Option<&str>) -> Result<(), String> {
    let output = output(&function.sig.output).ok_or("found no response type in its signature")?;
    let mut parts = RequestParts::default();
    parts.visit_block(&function.block);
    if let Some(unknown) = parts.unknown {
        return Err(format!("`.{unknown}(…)` is not supported"));
    }
    let arguments = function.sig.inputs.len() - 1;
    let used = parts.query.len() + parts.body.iter().len();
    if arguments != used {
        return Err(format!("it takes {arguments} arguments and uses {used}"));
    }
    let body = match (parts.body, form) {
        (None, None) => quote!(),
        (Some(Body::Json), None) => {
            shorten_body(function);
            quote!(.json(body))
        }
        (Some(Body::Bytes), Some(_)) => {
            accept_file(function)?;
            quote!(.file(body.into()))
        }
        _ => return Err("its body differs from that of the spec".into()),
    };
    let id = function.sig.ident.to_string();
    let query = parts.query.iter().map(|(name, argument)| quote!(.query(#name, #argument)));
    function.block = parse_quote!({
        self.call(const { crate::Operation::named(#id) }) #(#query)* #body
    });
    function.sig.asyncness = None;
    function.sig.output = parse_quote!(-> crate::Call<'a, #output>);
    Ok(())
}

/// Finds the `T` in `Result<ResponseValue<T>, Error<()>>`.
fn output(return_type: &syn::ReturnType) -> Option<Type> {
    let syn::ReturnType::Type(_, result) = return_type else { return None };
    first_argument(&first_argument(result)?)
}

/// The first type argument of the last segment of a path.
fn first_argument(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// Changes the body argument from any body to a file.
fn accept_file(function: &mut ImplItemFn) -> Result<(), String> {
    let bodies = function.sig.generics.params.iter_mut().filter_map(|parameter| match parameter {
        syn::GenericParam::Type(body) => Some(body),
        _ => None,
    });
    let changed = bodies.map(|body| body.bounds = parse_quote!(Into<crate::Upload>)).count();
    let is_last =
        matches!(function.sig.inputs.last(), Some(FnArg::Typed(last)) if quote!(#last).to_string() == "body : B");
    if changed == 1 && is_last { Ok(()) } else { Err("found no body argument".into()) }
}

/// Lets the body live no longer than the function: a call keeps its JSON, not the value.
fn shorten_body(function: &mut ImplItemFn) {
    if let Some(FnArg::Typed(body)) = function.sig.inputs.last_mut()
        && let Type::Reference(reference) = &mut *body.ty
    {
        reference.lifetime = None;
    }
}

/// The parts of a request in the code of progenitor.
#[derive(Default)]
struct RequestParts {
    /// The names of query parameters, and their arguments.
    query: Vec<(syn::LitStr, syn::Ident)>,
    body: Option<Body>,
    unknown: Option<String>,
}

enum Body {
    Json,
    Bytes,
}

/// The methods that progenitor calls on every request alike.
const SAME_FOR_ALL: [&str; 3] = ["header", "headers", "build"];

impl<'ast> Visit<'ast> for RequestParts {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        // The first call of a chain is the innermost expression.
        visit::visit_expr_method_call(self, call);
        if !is_on_request(&call.receiver) {
            return;
        }
        let method = call.method.to_string();
        let first = call.args.first();
        let is_known = match method.as_str() {
            "query" => first.and_then(parameter).map(|parameter| self.query.push(parameter)),
            "json" => first.filter(|body| is(body, "& body")).map(|_| self.body = Some(Body::Json)),
            "body" => first.filter(|body| is(body, "body")).map(|_| self.body = Some(Body::Bytes)),
            other => SAME_FOR_ALL.contains(&other).then_some(()),
        };
        if is_known.is_none() {
            self.unknown = Some(method);
        }
    }
}

/// Whether a chain of calls begins with `self.client.get(url)`, or with another method.
fn is_on_request(receiver: &Expr) -> bool {
    let Expr::MethodCall(call) = receiver else { return false };
    is(&call.receiver, "self . client") || is_on_request(&call.receiver)
}

fn is(expression: &Expr, text: &str) -> bool {
    quote!(#expression).to_string() == text
}

/// Finds name and argument in `&progenitor_client::QueryParam::new("name", &argument)`.
fn parameter(parameter: &Expr) -> Option<(syn::LitStr, syn::Ident)> {
    let Expr::Reference(reference) = parameter else { return None };
    let Expr::Call(new) = &*reference.expr else { return None };
    if !is(&new.func, "progenitor_client :: QueryParam :: new") {
        return None;
    }
    let mut arguments = new.args.iter();
    match (arguments.next()?, arguments.next()?) {
        (Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }), Expr::Reference(argument)) => {
            match &*argument.expr {
                Expr::Path(path) => Some((name.clone(), path.path.get_ident()?.clone())),
                _ => None,
            }
        }
        _ => None,
    }
}
