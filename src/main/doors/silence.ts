import { app, session } from 'electron'

/** Chromium's own errands and ways out. Margin makes no connection that its user did not set up. */

/** Before Electron is ready. */
export function keepChromiumSilent(): void {
  for (const errand of [
    'disable-background-networking',
    'disable-component-update',
    'disable-domain-reliability',
  ]) {
    app.commandLine.appendSwitch(errand)
  }
  // Peer connections would open UDP sockets that no content security policy knows of; no page of ours has peers.
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp')
  // Even a host that slips through is no address: nothing but this computer can be resolved.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
}

/** When it is ready, before there is a window. The spelling checker would fetch a dictionary for each language. */
export function silenceSession(): void {
  session.defaultSession.setSpellCheckerEnabled(false)
  session.defaultSession.setSpellCheckerLanguages([])
  session.defaultSession.setSpellCheckerDictionaryDownloadURL('margin://app/')
}
