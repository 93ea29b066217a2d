#include "manual.h"

#include "mc_settings.h"

#include <stdio.h>
#include <string.h>

/* Calls `each` for the options of one command ("analyze", "mc grow"). */
typedef void option_fn(const struct lct_option *row);

static void each_option(const struct lct_option_table *table, unsigned takers, option_fn *each)
{
    for (size_t i = 0; i < table->n; i++)
        if (table->rows[i].commands & takers)
            each(&table->rows[i]);
}

static enum lct_status each_mc_option(unsigned bit, option_fn *each, struct lct_err *err)
{
    struct mc_call call;
    const enum lct_status status = mc_call_options(&call, bit, err);
    if (status == LCT_OK)
        each_option(&call.table, bit, each);
    mc_call_finish(&call);
    return status;
}

static void put_flag(const struct lct_option *row)
{
    struct lct_option_words words;
    lct_option_say(row, &words);
    if (row->letter)
        printf(" -%c", row->letter);
    printf(" %s", words.flag);
}

/* One line of a case: "--contrast) words='auto dark bright' ;;" */
static void put_choice(const struct lct_option *row)
{
    struct lct_option_words words;
    if (row->type != LCT_OPTION_CHOICE)
        return;
    lct_option_say(row, &words);
    printf("        %s) words='", words.flag);
    for (const char *c = row->choices; *c; c++)
        putchar(*c == '|' ? ' ' : *c);
    fputs("' ;;\n", stdout);
}

static void put_command_names(void)
{
    for (const struct command *c = commands; c->name; c++)
        printf("%s%s", c == commands ? "" : " ", c->name);
}

static void put_mc_names(void)
{
    for (const struct mc_command *m = mc_commands; m->name; m++)
        printf("%s%s", m == mc_commands ? "" : " ", m->name);
}

static enum lct_status put_bash_flags(struct lct_err *err)
{
    fputs("    case $command in\n", stdout);
    for (const struct command *c = commands; c->name; c++) {
        if (!c->bit)
            continue;
        printf("    %s) flags='", c->name);
        each_option(lct_recipe_options(), c->bit, put_flag);
        fputs("' ;;\n", stdout);
    }
    fputs("    compare) flags=' --mc", stdout);
    each_option(&compare_options, 1, put_flag);
    fputs("' ;;\n", stdout);
    for (const struct mc_command *m = mc_commands; m->name; m++) {
        printf("    'mc %s') flags='", m->name);
        const enum lct_status status = each_mc_option(m->bit, put_flag, err);
        if (status != LCT_OK)
            return status;
        fputs("' ;;\n", stdout);
    }
    fputs("    esac\n", stdout);
    return LCT_OK;
}

static enum lct_status print_bash(struct lct_err *err)
{
    fputs("# completion of lctem for bash; made by lctem help --completion bash\n"
          "_lctem() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} "
          "flags= words=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
        stdout);
    put_command_names();
    fputs(" --version --help' -- \"$current\")\n"
          "        return\n"
          "    fi\n"
          "    if [ \"$command\" = help ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
        stdout);
    put_command_names();
    fputs(" --man --completion' -- \"$current\")\n"
          "        return\n"
          "    fi\n"
          "    if [ \"$command\" = mc ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W '",
        stdout);
    put_mc_names();
    fputs("' -- \"$current\")\n"
          "        return\n"
          "    fi\n"
          "    [ \"$command\" = mc ] && command=\"mc ${COMP_WORDS[2]}\"\n",
        stdout);
    enum lct_status status = put_bash_flags(err);
    fputs("    case $before in\n", stdout);
    each_option(lct_recipe_options(), ~0u, put_choice);
    if (status == LCT_OK)
        status = each_mc_option(~0u, put_choice, err);
    fputs("    esac\n"
          "    if [ -n \"$words\" ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
          "    elif [[ $current == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$current\")\n"
          "    else\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
          "        compopt -o filenames\n"
          "    fi\n"
          "}\n"
          "complete -F _lctem lctem\n",
        stdout);
    return status;
}

/* Help between quotes and brackets of zsh. */
static void put_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\'", stdout);
        else if (strchr("[]:\\", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void put_zsh_spec(const struct lct_option *row)
{
    struct lct_option_words words;
    lct_option_say(row, &words);
    fputs("            ", stdout);
    if (row->letter)
        printf("{-%c,%s}", row->letter, words.flag);
    else
        fputs(words.flag, stdout);
    fputs(words.value && !row->letter ? "=" : "", stdout);
    fputs("'[", stdout);
    put_zsh_text(row->help);
    putchar(']');
    if (words.value && row->type == LCT_OPTION_CHOICE) {
        fputs(":value:(", stdout);
        for (const char *c = row->choices; *c; c++)
            putchar(*c == '|' ? ' ' : *c);
        putchar(')');
    } else if (words.value) {
        fputs(strstr("FILE PATH DIR", words.value) ? ":file:_files" : ":value: ", stdout);
    }
    fputs("' \\\n", stdout);
}

static enum lct_status print_zsh(struct lct_err *err)
{
    fputs("#compdef lctem\n# completion of lctem for zsh; made by lctem help --completion zsh\n"
          "_lctem() {\n"
          "    local -a names\n"
          "    names=(\n",
        stdout);
    for (const struct command *c = commands; c->name; c++) {
        printf("        '%s:", c->name);
        put_zsh_text(c->summary);
        fputs("'\n", stdout);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n        _describe command names\n        return\n    fi\n"
          "    local command=$words[2]\n"
          "    if [[ $command == mc ]] && (( CURRENT == 3 )); then\n        compadd ",
        stdout);
    put_mc_names();
    fputs("\n        return\n    fi\n"
          "    if [[ $command == mc ]]; then\n        command=\"mc $words[3]\"\n        shift words\n        (( "
          "CURRENT-- ))\n    fi\n"
          "    shift words\n    (( CURRENT-- ))\n"
          "    case $command in\n"
          "        help) _describe command names ;;\n",
        stdout);
    enum lct_status status = LCT_OK;
    for (const struct command *c = commands; c->name; c++) {
        if (!c->bit)
            continue;
        printf("        %s)\n            _arguments -s \\\n", c->name);
        each_option(lct_recipe_options(), c->bit, put_zsh_spec);
        fputs("            '*:file:_files' ;;\n", stdout);
    }
    fputs(
        "        compare)\n            _arguments -s \\\n            '*--mc[folder of a simulation]:file:_files' \\\n",
        stdout);
    each_option(&compare_options, 1, put_zsh_spec);
    fputs("            '*:file:_files' ;;\n", stdout);
    for (const struct mc_command *m = mc_commands; m->name && status == LCT_OK; m++) {
        printf("        'mc %s')\n            _arguments -s \\\n", m->name);
        status = each_mc_option(m->bit, put_zsh_spec, err);
        fputs("            '*:file:_files' ;;\n", stdout);
    }
    fputs("    esac\n}\n_lctem \"$@\"\n", stdout);
    return status;
}

enum lct_status completion_print(const char *shell, struct lct_err *err)
{
    if (strcmp(shell, "bash") == 0)
        return print_bash(err);
    if (strcmp(shell, "zsh") == 0)
        return print_zsh(err);
    return lct_fail(
        err, LCT_E_ARG, "help: no completion for \"%.60s\"; give --completion bash or --completion zsh", shell);
}
