//! What the attribute writes in the place of a function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, ItemFn};

use crate::features;
use crate::options::{Length, Options};

/// The attribute with these options on this item.
///
/// # Errors
/// What is wrong, and where.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(options)?;
    let function: ItemFn = syn::parse2(item.clone()).map_err(|error| {
        let message = "`#[interregnum::test]` stands before a function: `async fn name(bed: Testbed)`";
        Error::new(error.span(), message)
    })?;
    look_at(&function, &options)?;
    Ok(write(&options, &function))
}

/// Whether this is a function that a test can be made of.
fn look_at(function: &ItemFn, options: &Options) -> syn::Result<()> {
    let signature = &function.sig;
    if signature.inputs.len() != 1 {
        let span = if signature.inputs.is_empty() { signature.ident.span() } else { signature.inputs.span() };
        return Err(Error::new(span, "a test takes one argument, its bed: `bed: Testbed`"));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(signature.generics.span(), "a test has no parameters of types: nobody could say which"));
    }
    if signature.asyncness.is_none() && options.length.is_none() {
        let message = "a function that is not `async` cannot wait for `run_for`: make it `async`, or say `minutes = …`";
        return Err(Error::new(signature.fn_token.span(), message));
    }
    let is_test =
        |attribute: &&syn::Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "test");
    match function.attrs.iter().find(is_test) {
        Some(attribute) => Err(Error::new(attribute.span(), "`#[interregnum::test]` alone makes it a test")),
        None => Ok(()),
    }
}

/// Where nothing is tested (in an example of the documentation, say) it is a function like any other, which somebody may
/// call.
fn write(options: &Options, function: &ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block } = function;
    let (name, asyncness, inputs, output) = (&sig.ident, &sig.asyncness, &sig.inputs, &sig.output);
    let features = features::of_this_crate();
    let awaited = asyncness.is_some().then(|| quote!(.await));
    // If it is no bed that the function takes, that is said where it says so.
    let bed = quote_spanned!(inputs.span()=> ::core::clone::Clone::clone(&bed));
    let before = describing(options);
    let after = options.length.as_ref().map(|length| {
        let length = match length {
            Length::Minutes(minutes) => quote!(::interregnum::minutes(#minutes)),
            Length::Seconds(seconds) => quote!(::interregnum::secs(#seconds)),
        };
        quote!(let _outcome = bed.run_for(#length).await;)
    });
    let settings = settings(options);
    quote! {
        #(#attrs)*
        #[cfg_attr(test, ::core::prelude::v1::test)]
        #[cfg_attr(not(test), allow(dead_code))]
        #vis fn #name() {
            #asyncness fn body(#inputs) #output #block
            static TEST: ::interregnum::attribute::Test = ::interregnum::attribute::Test::new(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                ::interregnum::attribute::Package {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    directory: ::core::env!("CARGO_MANIFEST_DIR"),
                    features: &[#(#features),*],
                },
                |bed: ::interregnum::Testbed| ::std::boxed::Box::pin(async move {
                    #before
                    ::interregnum::attribute::ended(body(#bed)#awaited);
                    #after
                }),
            )#settings;
            static CATALOGUE: &[&dyn ::interregnum::Scenario] = &[&TEST];
            ::interregnum::attribute::run(&TEST, ::interregnum::Catalogue(CATALOGUE));
        }
    }
}

/// What is said to the bed before the body says anything.
fn describing(options: &Options) -> TokenStream {
    let mut lines = TokenStream::new();
    let mut say = |method: TokenStream, value: &Expr| lines.extend(quote!(bed.#method(#value);));
    let Options { servers, tick, session_timeout, faults, .. } = options;
    let one_each = [
        (quote!(tick), tick),
        (quote!(session_timeout), session_timeout),
        (quote!(ensemble), servers),
        (quote!(faults), faults),
    ];
    for (method, value) in one_each {
        if let Some(value) = value {
            say(method, value);
        }
    }
    options.checks.iter().for_each(|check| say(quote!(check), check));
    lines
}

/// What is set of the test itself.
fn settings(options: &Options) -> TokenStream {
    let mut calls = TokenStream::new();
    let seeds = options.seeds.as_ref().map(|seeds| match seeds {
        Expr::Range(_) => seeds.to_token_stream(),
        // If it is no number, that is said where it stands.
        count => quote_spanned!(count.span()=> 0..(#count)),
    });
    let Options { determinism, jobs, shrink, save, .. } = options;
    let given = [
        (quote!(seeds), seeds),
        (quote!(determinism), determinism.as_ref().map(ToTokens::to_token_stream)),
        (quote!(jobs), jobs.as_ref().map(ToTokens::to_token_stream)),
        (quote!(shrink), shrink.as_ref().map(ToTokens::to_token_stream)),
        (quote!(save), save.as_ref().map(ToTokens::to_token_stream)),
    ];
    for (method, value) in given {
        if let Some(value) = value {
            calls.extend(quote!(.#method(#value)));
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(options: &str, item: &str) -> syn::Result<String> {
        let tokens = |text: &str| text.parse::<TokenStream>().expect("these are tokens");
        let written = expand(tokens(options), tokens(item))?;
        syn::parse2::<ItemFn>(written.clone()).expect("what is written is a function");
        Ok(written.to_string().replace(' ', ""))
    }

    fn complaint(options: &str, item: &str) -> (String, String) {
        let error = expanded(options, item).expect_err("this is no test");
        (error.to_string(), error.span().source_text().unwrap_or_default())
    }

    const BODY: &str = "async fn one(bed: Testbed) { bed.run_for(secs(1)).await; }";

    #[test]
    fn a_test_is_a_function_without_arguments_and_keeps_its_attributes() {
        let written = expanded("seeds = 7", &format!("/// It is so.\n#[ignore = \"slow\"] pub {BODY}")).unwrap();
        for part in
            ["#[ignore=\"slow\"]", "#[doc=\"Itisso.\"]", "pubfnone()", "asyncfnbody(bed:Testbed)", ".seeds(0..(7))"]
        {
            assert!(written.contains(&part.replace(' ', "")), "{part} in {written}");
        }
        assert!(!written.contains(".jobs("), "what is not said is not set: {written}");
    }

    #[test]
    fn options_become_calls_in_the_order_in_which_the_bed_needs_them() {
        let options =
            "checks = [a(), b()], faults = none(), servers = 3, tick = secs(1), seeds = 5..9, minutes = 2, jobs = 1";
        let written = expanded(options, "fn one(bed: Testbed) {}").unwrap();
        let order = ["bed.tick(secs(1))", "bed.ensemble(3)", "bed.faults(none())", "bed.check(a())", "bed.check(b())"];
        let places: Vec<_> = order.iter().map(|call| written.find(call).expect("it is called")).collect();
        assert!(places.is_sorted(), "{places:?}");
        let body = written.find("ended(body(").expect("the body is called");
        let run = written.find("run_for(::interregnum::minutes(2))").expect("it runs");
        assert!(places[4] < body && body < run);
        assert!(written.contains(".seeds(5..9).jobs(1)"), "{written}");
        assert!(!written.contains("clone(&bed)).await"), "a function that is not async is not waited for");
    }

    #[test]
    fn what_no_test_can_be_made_of_is_refused_where_it_stands() {
        let bed = "a test takes one argument, its bed: `bed: Testbed`";
        assert_eq!(complaint("", "async fn one() {}"), (bed.into(), "one".into()));
        assert_eq!(complaint("", "async fn one(a: A, b: B) {}").0, bed);
        let (message, place) = complaint("", "fn one(bed: Testbed) {}");
        assert!(message.contains("make it `async`, or say `minutes = …`"), "{message}");
        assert_eq!(place, "fn");
        assert!(complaint("", "async fn one<T>(bed: T) {}").0.contains("no parameters of types"));
        assert!(complaint("", "struct One;").0.starts_with("`#[interregnum::test]` stands before a function"));
        let (message, place) = complaint("", &format!("#[test] {BODY}"));
        assert_eq!((message.as_str(), place.as_str()), ("`#[interregnum::test]` alone makes it a test", "#[test]"));
        assert_eq!(complaint("seed = 1", BODY).0, "there is no option `seed`; did you mean `seeds`?");
    }
}
