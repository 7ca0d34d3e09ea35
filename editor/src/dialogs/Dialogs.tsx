/** The window that is open, if one is. */

import { useStore } from "../app/store";
import { ActionsDialog } from "./ActionsDialog";
import { ConflictDialog } from "./ConflictDialog";
import { DatabaseDialog } from "./DatabaseDialog";
import { DeployDialog } from "./DeployDialog";
import { ExamplesDialog } from "./ExamplesDialog";
import { ImportDialog } from "./ImportDialog";
import { KeysDialog } from "./KeysDialog";
import { LoginDialog } from "./LoginDialog";
import { PasswordDialog } from "./PasswordDialog";
import { SubflowDialog } from "./SubflowDialog";

export function Dialogs() {
  const dialog = useStore((state) => state.dialog);
  switch (dialog?.kind) {
    case "deploy":
      return <DeployDialog dialog={dialog} />;
    case "conflict":
      return <ConflictDialog dialog={dialog} />;
    case "login":
      return <LoginDialog reason={dialog.reason} />;
    case "password":
      return <PasswordDialog invite={dialog.invite ?? ""} />;
    case "actions":
      return <ActionsDialog />;
    case "keys":
      return <KeysDialog />;
    case "examples":
      return <ExamplesDialog />;
    case "import":
      return <ImportDialog />;
    case "subflow":
      return <SubflowDialog />;
    case "database":
      return <DatabaseDialog path={dialog.path} />;
    default:
      return null;
  }
}
