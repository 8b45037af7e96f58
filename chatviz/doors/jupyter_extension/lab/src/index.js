// The extension of JupyterLab: "Open With > chatviz", and tabs that come back with the layout.
import { ILayoutRestorer } from "@jupyterlab/application";
import { IThemeManager, WidgetTracker } from "@jupyterlab/apputils";
import { ABCWidgetFactory, DocumentWidget, TextModelFactory } from "@jupyterlab/docregistry";
import { DEFAULT_FOR, FILE_TYPES, NEW_TYPES } from "./file_types.js";
import { recordingIcon } from "./icon.js";
import { RecordingPanel } from "./recording_panel.js";

const NAME = "chatviz";
const OPEN = "docmanager:open";

/** A model that stays empty: the server reads the file, and the browser never does. */
class UnreadModelFactory extends TextModelFactory {
  get name() {
    return NAME;
  }

  get fileFormat() {
    return null;
  }

  get collaborative() {
    return false;
  }

  createNew(options) {
    const model = super.createNew(options);
    model.readOnly = true;
    return model;
  }
}

/** Makes the tab of a recording. */
class RecordingFactory extends ABCWidgetFactory {
  constructor(options, makePanel) {
    super(options);
    this._makePanel = makePanel;
  }

  createNewWidget(context) {
    context.save = async () => {}; // what is empty must never take the place of the file
    const tab = new DocumentWidget({ content: this._makePanel(context), context });
    tab.title.icon = recordingIcon;
    tab.toolbar.hide(); // the page has its own controls
    return tab;
  }
}

function activate(app, restorer, themes) {
  const { commands, docRegistry, serviceManager } = app;
  const isDark = () => Boolean(themes?.theme && !themes.isLight(themes.theme));
  const settings = {
    server: serviceManager.serverSettings,
    localPath: (path) => serviceManager.contents.localPath(path),
  };
  const openInEditor = (path) => commands.execute(OPEN, { path, factory: "Editor" });
  const makePanel = (context) =>
    new RecordingPanel(context, { settings, openInEditor, isDark: isDark() });

  NEW_TYPES.forEach((type) => docRegistry.addFileType({ ...type, icon: recordingIcon }));
  docRegistry.addModelFactory(new UnreadModelFactory());
  const factory = new RecordingFactory(
    { name: NAME, modelName: NAME, fileTypes: FILE_TYPES, defaultFor: DEFAULT_FOR, readOnly: true },
    makePanel,
  );
  docRegistry.addWidgetFactory(factory);

  const tracker = new WidgetTracker({ namespace: NAME });
  factory.widgetCreated.connect((_, widget) => {
    widget.context.pathChanged.connect(() => tracker.save(widget));
    tracker.add(widget);
  });
  restorer?.restore(tracker, {
    command: OPEN,
    args: (widget) => ({ path: widget.context.path, factory: NAME }),
    name: (widget) => widget.context.path,
  });
  themes?.themeChanged.connect(() => tracker.forEach((tab) => tab.content.follow(isDark())));
}

export default {
  id: "chatviz:recordings",
  description: "Opens recordings of streamed chat answers.",
  autoStart: true,
  optional: [ILayoutRestorer, IThemeManager],
  activate,
};
