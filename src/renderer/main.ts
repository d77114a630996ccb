import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { z } from 'zod'
import App from './shell/App.vue'
import { setClock } from './browser/clock'
import './theme/tokens.css'
import './theme/base.css'
import './theme/parts.css'

// The page's content security policy forbids code made from text, which zod would otherwise try.
z.config({ jitless: true })
setClock(() => Date.now())
createApp(App).use(createPinia()).mount('#app')
