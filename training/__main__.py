from training.commands.main import main

main()
