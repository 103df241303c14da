"use strict";
// Swagger's own layout brings a second title and a second main part of the page; this one brings neither.
const ownLayout = (system) => ({
  components: {
    OwnLayout: ({ getComponent, specSelectors }) => {
      const make = system.React.createElement;
      const part = (name, connected) => make(getComponent(name, connected), { key: name });
      const parts = specSelectors.loadingStatus() === "success"
        ? [part("SvgAssets"), part("AuthorizeBtnContainer", true), part("operations", true)]
        : [part("errors", true)];
      return make("div", { className: "swagger-ui" }, parts);
    },
  },
});
SwaggerUIBundle({
  url: "{{ schema_url|escapejs }}",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [ownLayout],
  layout: "OwnLayout",
  // Tokens stay in this page's memory; nothing is asked of anybody outside.
  persistAuthorization: false,
  validatorUrl: null,
});
