#include <stdio.h>
#include <string.h>

int cmd_info(int argc, char **argv);

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "info") == 0)
        return cmd_info(argc - 1, argv + 1);
    fprintf(stderr, "usage: lctem info FILE...\n");
    return 2;
}
