// Enhancement only: every page works without this file.
(() => {
    "use strict";
    const summary = document.getElementById("fehler");
    if (summary) {
        summary.focus();
        summary.addEventListener("click", (event) => {
            const link = event.target.closest("a[href^='#']");
            const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
            if (field) {
                event.preventDefault();
                (field.closest(".s-field") || field).scrollIntoView();
                field.focus({ preventScroll: true });
            }
        });
    }
    // A second click while the first is under way would send twice.
    for (const form of document.querySelectorAll("form[method='post']")) {
        let sent = false;
        form.addEventListener("submit", (event) => {
            if (sent) {
                event.preventDefault();
            }
            sent = true;
        });
        window.addEventListener("pageshow", () => { sent = false; });
    }
})();
