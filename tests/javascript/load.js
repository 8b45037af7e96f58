// Where the tests take the modules from: the sources, or $CHATVIZ_MODULE, one script of them all.

export const load = (path) => import(process.env.CHATVIZ_MODULE ?? `../../chatviz/${path}`);
