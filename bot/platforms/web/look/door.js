// Dark as the system is, on the pages that are drawn before anybody is known.
document.body.classList.toggle("body--dark", matchMedia("(prefers-color-scheme: dark)").matches);
