import { escapeHtml } from '../html.ts';
import type { MethodInfo, XmlRpcDispatcher } from './dispatcher.ts';

/** A page for people, with all methods of a server. */
export function methodsPage(dispatcher: XmlRpcDispatcher, title = 'XML-RPC methods'): string {
  const methods = [...dispatcher.methods].map(([name, info]) => method(name, info)).join('\n');
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<h1>${escapeHtml(title)}</h1>
<dl>
${methods}
</dl>
</html>
`;
}

function method(name: string, { signatures = [], help = '' }: MethodInfo): string {
  const forms = signatures.map(([gives = '', ...takes]) => `${name}(${takes.join(', ')}) → ${gives}`);
  const shown = (forms.length > 0 ? forms : [name]).map((form) => `<code>${escapeHtml(form)}</code>`).join('<br>');
  return `<dt id="${escapeHtml(name)}">${shown}</dt>\n<dd>${escapeHtml(help)}</dd>`;
}
