// Sharing: the link to this very view, the code for an article, the records as files.
"use strict";
Kubmap.Share = class {
  constructor(state, source, view) {
    this.state = state;
    this.source = source;
    this.view = view;
    this.dialog = document.getElementById("share");
    this.link = document.getElementById("share-link");
    this.code = document.getElementById("share-code");
    this.note = document.getElementById("share-note");
    document.getElementById("share-open").addEventListener("click", () => this.open());
    document.getElementById("share-close").addEventListener("click", () => this.dialog.close());
    for (const button of this.dialog.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", () => this.copy(document.getElementById(button.dataset.copy)));
    }
    // a press on the dim page around it closes it
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.fill();
  }

  /** The address of this view: with the period written out, so that it shows the same tomorrow. */
  address() {
    return new URL(this.state.address(this.view(), { whole: true }), location.href).href;
  }

  open() {
    const address = this.address();
    this.link.value = address;
    this.code.value = Kubmap.embedCode(address);
    this.note.textContent = "";
    this.dialog.showModal();
    this.link.select();
  }

  async copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // an embedded page may not write to the clipboard: the old way, else the reader copies what is selected
      field.select();
      if (!document.execCommand("copy")) {
        this.note.textContent = "Выделено: нажмите Ctrl+C";
        return;
      }
    }
    this.note.textContent = "Скопировано";
  }

  fill() {
    const { csv, geojson } = this.source.downloads(this.state.filters());
    document.getElementById("download-csv").href = csv;
    document.getElementById("download-geojson").href = geojson;
  }
};

/** The code that an editor puts into an article. */
Kubmap.embedCode = (address) => {
  const safe = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${safe}" title="Карта происшествий Кубани" width="100%" height="640" loading="lazy" style="border:0" allow="clipboard-write"></iframe>`;
};
