/** Sets one tag on some runs. Keys that the experiment knows are offered. */
import { Button, Dialog, DialogBody, DialogFooter, InputGroup } from '@blueprintjs/core';
import { useId, useState } from 'react';
import { useRuns } from '../state/context.tsx';
import { formatCount } from '../ui/format.ts';

export function TagDialog({ runIds, onSet, onClose }: { runIds: readonly string[]; onSet: (key: string, value: string) => void; onClose: () => void }) {
  const known = useRuns((state) => state.columns?.tags);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const listId = useId();
  return (
    <Dialog isOpen title={`Tag ${formatCount(runIds.length, 'run')}`} onClose={onClose} style={{ width: 400 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() === '') return;
          onSet(key.trim(), value);
          onClose();
        }}
      >
        <DialogBody>
          <div className="form-rows">
            <label>
              <span>Key</span>
              <InputGroup autoFocus list={listId} maxLength={250} value={key} spellCheck={false} onValueChange={setKey} />
            </label>
            <datalist id={listId}>{known?.filter((tag) => !tag.key.startsWith('mlflow.')).map((tag) => <option key={tag.key} value={tag.key} />)}</datalist>
            <label>
              <span>Value</span>
              <InputGroup maxLength={8000} value={value} onValueChange={setValue} />
            </label>
          </div>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={onClose} />
              <Button type="submit" intent="primary" text="Set the tag" disabled={key.trim() === ''} />
            </>
          }
        />
      </form>
    </Dialog>
  );
}
